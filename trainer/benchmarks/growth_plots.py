"""The plots of `benchmark growth`: costs over their input, both on logarithmic axes."""

from dataclasses import dataclass, field

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from trainer.benchmarks.growth_rate import PARTS, Point, number
from trainer.svg import svg_of

WIDTH, HEIGHT = 4.4, 3.5  # inches
DECADE = 10


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
    ],
    "clients": [
        Chart(
            "Time of an answer",
            "ms",
            {"answer_p50_ms": "median", "answer_p99_ms": "99th percentile", "busy_p50_ms": "median of a refusal"},
        ),
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
        Chart(
            "Time of a request",
            "ms",
            {
                "whole_request_ms": "with a photo",
                "stored_answer_ms": "for a stored answer",
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
    drawn = [[(point[key], point[cost]) for point in points if point[cost]] for cost in lines]
    for seen, label in zip(drawn, lines.values(), strict=True):
        axes.plot(*zip(*seen, strict=True), marker="o", markersize=4, label=label)
    if chart.grows:
        _in_proportion(axes, max(drawn, key=lambda seen: seen[-1][1]))
    _scale_inputs(axes, [point[key] for point in points])
    _scale_costs(axes)
    axes.set(xlabel=counted, ylabel=chart.unit)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside upper left", fontsize=8, frameon=False, ncols=2)
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


def _scale_inputs(axes: Axes, inputs: list[float]) -> None:
    above_zero = [value for value in inputs if value > 0]
    if len(above_zero) == len(inputs):
        axes.set_xscale("log")
    elif above_zero:
        axes.set_xscale("symlog", linthresh=min(above_zero), linscale=0.4)  # zero has no logarithm
    axes.set_xticks(inputs, [number(value) for value in inputs])
    axes.xaxis.set_minor_locator(NullLocator())


def _scale_costs(axes: Axes) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high < DECADE * low:  # noise would fill the chart
        middle = (low * high) ** 0.5
        axes.set_ylim(middle / DECADE**0.5, middle * DECADE**0.5)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < DECADE**4 * low else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.yaxis.set_minor_locator(NullLocator())
