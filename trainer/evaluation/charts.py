"""Charts as SVG. The page's style sets their colours, so that they fit its light and its dark theme."""

from collections.abc import Sequence

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from trainer.evaluation.measures import ECE_BINS

SIDE = 220  # of a reliability diagram, in SVG units
CELL = 9  # of a confusion matrix
LABELS = 150  # the space for its labels
FEWEST = 1


def reliability_diagram(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> SafeString:
    """The share of right answers by their probability, as bars. They should end at the diagonal."""
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    counts = np.bincount(bins, minlength=ECE_BINS)
    bars = []
    for number in np.flatnonzero(counts >= FEWEST):
        mine = bins == number
        share, said = float(right[mine].mean()), float(confidence[mine].mean())
        width = SIDE / ECE_BINS
        title = f"mean probability {said:.0%}, {share:.0%} of {counts[number]} photos right"
        faint = 0.35 + 0.65 * min(counts[number] / 30, 1.0)
        sizes = (number * width + 1, SIDE * (1 - share), width - 2, SIDE * share, faint)
        bars.append((*map(_short, sizes), title))
    drawn = format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}" opacity="{}"><title>{}</title></rect>',
        bars,
    )
    ticks = format_html_join(
        "",
        '<text x="{}" y="{}" class="tick">{}</text><text x="-6" y="{}" class="tick side">{}</text>',
        [(t * SIDE, SIDE + 15, f"{t:.0%}", SIDE * (1 - t) + 4, f"{t:.0%}") for t in (0.0, 0.5, 1.0)],
    )
    return format_html(
        '<svg class="reliability" viewBox="-40 -8 {} {}" role="img" aria-label="Reliability diagram">{}'
        '<path class="diagonal" d="M0 {} L{} 0"/><path class="axis" d="M0 0 V{} H{}"/>{}</svg>',
        SIDE + 60, SIDE + 32, drawn, SIDE, SIDE, SIDE, SIDE, ticks,
    )  # fmt: skip


def confusion_matrix(counts: NDArray[np.int64], names: Sequence[str], groups: Sequence[str]) -> SafeString:
    """Rows are the breeds of the photos, columns the predicted breeds. The title of a cell says what it counts.

    Args:
        counts: `[n, n]`, in the order of the rows; `names` and `groups` in the same order.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cells = [
        (
            LABELS + column * CELL,
            LABELS + row * CELL,
            "hit" if row == column else "miss",
            f"{0.12 + 0.88 * shares[row, column] ** 0.5:.2f}",
            f"{names[row]} classified as {names[column]}: {counts[row, column]} of {counts[row].sum()}",
        )
        for row, column in zip(*np.nonzero(counts), strict=True)
    ]
    size = LABELS + CELL * len(names)
    middle = CELL * 0.78
    rows = [(LABELS - 4, _short(LABELS + i * CELL + middle), name) for i, name in enumerate(names)]
    tops = [(_short(LABELS + i * CELL + middle), LABELS - 4, _short(LABELS + i * CELL + middle), LABELS - 4, name)
            for i, name in enumerate(names)]  # fmt: skip
    borders = [LABELS + i * CELL for i in range(1, len(names)) if groups[i] != groups[i - 1]]
    return format_html(
        '<svg class="confusion" viewBox="0 0 {0} {0}" style="min-width:{0}px" role="img" '
        'aria-label="Confusion matrix">{1}{2}{3}{4}</svg>',
        size,
        format_html_join(
            "", '<path class="border" d="M{0} {1} V{2} M{1} {0} H{2}"/>', [(b, LABELS, size) for b in borders]
        ),
        format_html_join("", '<text x="{}" y="{}" class="row">{}</text>', rows),
        format_html_join("", '<text x="{}" y="{}" class="top" transform="rotate(-90 {} {})">{}</text>', tops),
        format_html_join(
            "", '<rect x="{}" y="{}" width="8" height="8" class="{}" opacity="{}"><title>{}</title></rect>', cells
        ),
    )


def share_bar(parts: Sequence[tuple[str, float]]) -> SafeString:
    """Shares that add up to 1, as one bar: pairs of a CSS class and a share."""
    return format_html(
        '<div class="shares">{}</div>',
        format_html_join(
            "", '<span class="{}" style="width:{}%"></span>', [(n, _short(100 * share)) for n, share in parts]
        ),
    )


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
