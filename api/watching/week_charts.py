"""Charts of weeks as SVG elements, with colours from the style sheet of the page. They need no script.

Coordinates are pixels of a drawing `WIDTH` wide, which grows and shrinks with the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 360.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 352.0, 10.0, 146.0
LABELS = 4  # weeks that are named below the chart, at most


@dataclass(frozen=True)
class Chart:
    """A drawing, its title, and in words what it shows. `legend` is pairs of a CSS class and a text."""

    title: str
    text: str
    svg: SafeString
    legend: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Axes:
    weeks: Sequence[str]
    highest: float
    shown: Callable[[float], str]
    lowest: float = 0.0

    def x(self, index: int) -> float:
        """The middle of a week."""
        return LEFT + (index + 0.5) * self.step

    @property
    def step(self) -> float:
        return (RIGHT - LEFT) / max(1, len(self.weeks))

    def y(self, value: float) -> float:
        share = (value - self.lowest) / (self.highest - self.lowest)
        return BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, share))

    def drawn(self) -> list[str]:
        """Lines with their values on the left, and the names of some weeks below."""
        parts = []
        for value in (self.lowest, (self.lowest + self.highest) / 2, self.highest):
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{LEFT - 4}" y="{y + 4:.1f}" text-anchor="end">{escape(self.shown(value))}</text>')
        every = -(-len(self.weeks) // LABELS)
        for index in range(0, len(self.weeks), every):
            week = escape(self.weeks[index].partition("-")[2])
            parts.append(f'<text x="{self.x(index):.1f}" y="{BOTTOM + 16}" text-anchor="middle">{week}</text>')
        return parts


def bars(axes: Axes, values: Sequence[float], marked: Sequence[bool], levels: Sequence[float] = ()) -> SafeString:
    """A bar for each week; marked ones in another colour. `levels`: a line across each bar, of the same unit."""
    parts = axes.drawn()
    for index, value in enumerate(values):
        y, left, width = axes.y(value), axes.x(index) - axes.step * 0.38, axes.step * 0.76
        parts.append(
            f'<rect class="{"marked" if marked[index] else "bar"}" x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{BOTTOM - y:.1f}">{_tooltip(axes, index, axes.shown(value))}</rect>'
        )
    for index, level in enumerate(levels):
        y, left = axes.y(level), axes.x(index) - axes.step / 2
        parts.append(f'<line class="level" x1="{left:.1f}" x2="{left + axes.step:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
    return _svg(parts)


def shares(
    axes: Axes,
    values: Sequence[float | None],
    intervals: Sequence[tuple[float, float]],
    marked: Sequence[bool],
    reference: float | None,
) -> SafeString:
    """A point for each week that has a value, with its 95 % interval; the reference as a line across."""
    parts = axes.drawn()
    if reference is not None:
        y = axes.y(reference)
        parts.append(f'<line class="level" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
    points = [(index, value) for index, value in enumerate(values) if value is not None]
    line = " ".join(f"{axes.x(index):.1f},{axes.y(value):.1f}" for index, value in points)
    parts.append(f'<polyline class="line" points="{line}"/>')
    for index, value in points:
        low, high = intervals[index]
        x = axes.x(index)
        parts.append(
            f'<line class="interval" x1="{x:.1f}" x2="{x:.1f}" y1="{axes.y(low):.1f}" y2="{axes.y(high):.1f}"/>'
        )
        said = f"{axes.shown(value)} ({axes.shown(low)} to {axes.shown(high)})"
        parts.append(
            f'<circle class="{"marked" if marked[index] else "bar"}" cx="{x:.1f}" cy="{axes.y(value):.1f}" r="4">'
            f"{_tooltip(axes, index, said)}</circle>"
        )
    return _svg(parts)


def stacked(axes: Axes, parts_of: Sequence[tuple[str, Sequence[float]]]) -> SafeString:
    """For each week shares of 1 on top of each other. `parts_of`: a CSS class and one share for each week."""
    parts, tops = axes.drawn(), [0.0] * len(axes.weeks)
    for name, values in parts_of:
        for index, value in enumerate(values):
            if value <= 0:
                continue
            upper, lower = axes.y(tops[index] + value), axes.y(tops[index])
            tops[index] += value
            left, width = axes.x(index) - axes.step * 0.38, axes.step * 0.76
            parts.append(
                f'<rect class="{name}" x="{left:.1f}" y="{upper:.1f}" width="{width:.1f}" '
                f'height="{lower - upper:.1f}">{_tooltip(axes, index, axes.shown(value))}</rect>'
            )
    return _svg(parts)


def _tooltip(axes: Axes, index: int, text: str) -> str:
    return f"<title>{escape(axes.weeks[index])}: {escape(text)}</title>"


def _svg(parts: Sequence[str]) -> SafeString:
    """The drawing. A screen reader is told the chart's text instead (`aria-hidden`), and has the table."""
    return format_html(
        '<svg viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}</svg>',
        f"{WIDTH:g}",
        f"{HEIGHT:g}",
        mark_safe("".join(parts)),  # each text in it was escaped above
    )
