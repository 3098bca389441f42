"""Plots of matplotlib in HTML pages."""

import io

import matplotlib
from matplotlib.figure import Figure


def svg_of(figure: Figure) -> str:
    """The figure as an SVG element, without the XML header. Its texts stay texts."""
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(text, format="svg", bbox_inches="tight")
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :]
