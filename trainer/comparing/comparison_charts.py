"""Charts of changes as SVG: points with intervals, worse to the left, better to the right. The page colours them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trainer.comparing.paired_tests import Interval
from trainer.comparing.wording import MINUS

Colour = Literal["worse", "better", "same"]

SMALL_WIDTH, SMALL_HEIGHT = 150, 22
ROW, NAMES, PLOT, VALUES = 20, 186, 176, 58  # of a chart with many rows, in SVG units
HEADING = 20
LONGEST_NAME = 26  # letters: the title has the whole name


@dataclass(frozen=True)
class Change:
    """A change: positive is better. `said` is written beside it, `title` is what pointing at it says."""

    name: str
    value: float
    interval: Interval
    colour: Colour
    said: str = ""
    title: str = ""


def small_chart(change: Change, accepted: float) -> SafeString:
    """One change in a cell of a table, with a dashed line at the loss that is accepted."""
    widest = 1.08 * max(2.5 * accepted, *(abs(bound) for bound in change.interval), abs(change.value))

    def x(value: float) -> str:
        return f"{SMALL_WIDTH * (0.5 + value / widest / 2):.1f}"

    middle = SMALL_HEIGHT / 2
    return format_html(
        '<svg class="small {}" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="zero" d="M{} 0V{}"/>'
        '<path class="accepted" d="M{} 0V{}"/><path class="interval" d="M{} {}H{}"/>'
        '<circle cx="{}" cy="{}" r="4"/></svg>',
        change.colour, SMALL_WIDTH, SMALL_HEIGHT, change.title, x(0), SMALL_HEIGHT, x(-accepted), SMALL_HEIGHT,
        x(change.interval[0]), middle, x(change.interval[1]), x(change.value), middle,
    )  # fmt: skip


def changes_chart(changes: Sequence[Change], label: str) -> SafeString:
    """A row for each change, in percentage points, given as shares."""
    widest = max(0.05, *(abs(bound) for change in changes for bound in change.interval))
    edge = f"{100 * widest:.0f}"
    height = HEADING + ROW * len(changes)

    def x(value: float) -> str:
        return f"{NAMES + PLOT * (0.5 + value / widest / 2):.1f}"

    rows = []
    for number, change in enumerate(changes):
        y = HEADING + ROW * (number + 0.5)
        low, high = change.interval
        rows.append((
            change.colour, change.title, NAMES - 8, y + 4, _short(change.name), x(low), y, x(high), x(change.value), y,
            NAMES + PLOT + VALUES, y + 4, change.said,
        ))  # fmt: skip
    drawn = format_html_join(
        "",
        '<g class="{}"><title>{}</title><text x="{}" y="{}" class="end">{}</text><path class="interval" d="M{} {}H{}"/>'
        '<circle cx="{}" cy="{}" r="4"/><text x="{}" y="{}" class="end">{}</text></g>',
        rows,
    )
    ticks = format_html_join(
        "",
        '<text x="{}" y="12" class="{}">{}</text>',
        [(x(-widest), "start", f"{MINUS}{edge}"), (x(0), "mid", "0"), (x(widest), "end", f"+{edge}")],
    )
    return format_html(
        '<svg class="changes" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="zero" d="M{} {}V{}"/>'
        "{}{}</svg>",
        NAMES + PLOT + VALUES, height, label, x(0), HEADING - 4, height, ticks, drawn,
    )  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
