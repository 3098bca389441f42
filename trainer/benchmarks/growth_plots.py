"""The plots of `benchmark growth`: costs over their input, both on logarithmic axes."""

from dataclasses import dataclass, field
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from trainer.benchmarks.growth_rate import PARTS, Point, number
from trainer.svg import svg_of

WIDTH, HEIGHT = 5.2, 3.8  # inches


@dataclass(frozen=True)
class Chart:
    """Lines of one unit: keys of points and what they are called. `grows`: whether they are costs, beside which a line
    in proportion to the input is drawn."""

    title: str
    unit: str
    lines: dict[str, str] = field(default_factory=dict)
    grows: bool = True


CHARTS = {
    "photos": [
        Chart(
            "Time of an answer",
            "ms",
            {
                "in_process_ms": "the whole answer",
                "decode_ms": "decoding",
                "preprocess_ms": "preprocessing",
                "inference_ms": "inference",
            },
        ),
        Chart("Memory for opening a photo", "MB", {"memory_mb": "peak"}),
    ],
    "clients": [
        Chart("Time of an answer", "ms", {"answer_p50_ms": "median", "answer_p99_ms": "99th percentile"}),
        Chart(
            "Requests",
            "a second",
            {"answers_per_second": "answered", "busy_per_second": "refused: 503 (busy)"},
            grows=False,
        ),
    ],
    "classes": [
        Chart("Time of a request", "ms", {"whole_request_ms": "the whole request", "in_the_view_ms": "in the view"}),
        Chart("Size of an answer", "bytes", {"answer_bytes": "without compression"}),
    ],
    "stored": [
        Chart("Requests with a photo", "ms", {"whole_request_ms": "the whole request"}),
        Chart(
            "Other requests",
            "ms",
            {
                "stored_answer_ms": "a stored answer",
                "stats_ms": "statistics, as most visitors see them",
                "stats_refresh_ms": "statistics, counted again",
            },
        ),
    ],
}


def plots(name: str, points: list[Point]) -> dict[str, str]:
    """The charts of one part by their titles, as SVG. A chart without a measurement is left out."""
    drawn = {}
    for chart in CHARTS[name]:
        known = {key: label for key, label in chart.lines.items() if any(point[key] for point in points)}
        if known:
            drawn[chart.title] = _plot(chart, known, PARTS[name].key, PARTS[name].counted, points)
    return drawn


def _plot(chart: Chart, lines: dict[str, str], key: str, counted: str, points: list[Point]) -> str:
    matplotlib.use("Agg")  # a server has no screen
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    for place, (cost, label) in enumerate(lines.items()):
        seen = [(point[key], point[cost]) for point in points if point[cost]]
        axes.plot(*zip(*seen, strict=True), marker="o", markersize=4, label=label, color=f"C{place}")
        if place == 0 and chart.grows:
            _in_proportion(axes, seen)
    _scale(axes, [point[key] for point in points])
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
    axes.set(xlabel=counted, ylabel=chart.unit)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return svg_of(figure)


def _in_proportion(axes: Axes, seen: list[tuple[float, float]]) -> None:
    """A dashed line through the largest input: what is steeper than it grows faster than its input."""
    above_zero = [(x, y) for x, y in seen if x > 0]
    if len(above_zero) < 2:
        return
    (first, _), (last, cost) = above_zero[0], above_zero[-1]
    lowest = min(y for _, y in seen)
    begin = max(first, last * lowest / cost)  # not far below the measurements
    if begin < last:
        axes.plot(
            [begin, last],
            [cost * begin / last, cost],
            "--",
            color="grey",
            linewidth=1,
            label="in proportion to the input",
        )


def _scale(axes: Axes, inputs: list[float]) -> None:
    above_zero = [value for value in inputs if value > 0]
    if len(above_zero) == len(inputs):
        axes.set_xscale("log")
    elif above_zero:
        axes.set_xscale("symlog", linthresh=min(above_zero), linscale=0.4)  # zero has no logarithm
    axes.set_xticks(inputs, [number(value) for value in inputs])
    axes.xaxis.set_minor_locator(NullLocator())


def _tick(value: float, _: Any) -> str:
    return number(value)
