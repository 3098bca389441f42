"""The weeks of the counted days: ISO weeks, which begin on Monday, in UTC."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from api.models import CountedDay
from api.watching.day_figures import Figures, add, no_figures

WEEK = timedelta(days=7)
Z = 1.959964  # of a 95 % interval
UNSURE = ("below", *(f"{index / 10:g}" for index in range(1, 5)))  # bins of probabilities below 0.5


@dataclass(frozen=True)
class Share:
    """`hits` of `n` with the 95 % score interval (Wilson 1927), which also holds near 0 and 1 and for small `n`."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        if not self.n:
            return 0.0, 1.0
        share, squared = self.hits / self.n, Z * Z / self.n
        middle = (share + squared / 2) / (1 + squared)
        half = Z * math.sqrt(share * (1 - share) / self.n + squared / self.n / 4) / (1 + squared)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass
class Week:
    """The answers of one week. `days` has the figures of each day with answers, of all chosen models together."""

    monday: date
    days: dict[date, Figures] = field(default_factory=dict)

    @property
    def name(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @cached_property
    def figures(self) -> Figures:
        return together(self.days.values())

    @property
    def answers(self) -> int:
        return answers_of(self.figures)

    @property
    def agreement(self) -> Share:
        return Share(self.figures["right"].total(), self.figures["judged"].total())

    @property
    def not_a_dog(self) -> Share:
        return Share(self.figures["kind"]["not_a_dog"], self.answers)

    @property
    def unfamiliar(self) -> Share:
        return Share(self.figures["unfamiliar"].total(), self.answers)

    @property
    def unsure(self) -> Share:
        return Share(sum(self.figures["probability"][name] for name in UNSURE), self.figures["probability"].total())


def answers_of(figures: Figures) -> int:
    return figures["kind"].total()


def together(all_figures: Iterable[Figures]) -> Figures:
    found = no_figures()
    for figures in all_figures:
        add(found, figures)
    return found


@dataclass(frozen=True, order=True)
class Model:
    """A model that answered. Its text names it on pages and in addresses."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def model_of(day: CountedDay) -> Model:
    return Model(day.model_name, day.model_version)


def weeks_of(days: Iterable[CountedDay]) -> list[Week]:
    """The weeks that have answers, the oldest first."""
    weeks: dict[date, Week] = {}
    for row in days:
        monday = row.day - timedelta(days=row.day.weekday())
        week = weeks.setdefault(monday, Week(monday))
        add(week.days.setdefault(row.day, no_figures()), row.figures)
    return [weeks[monday] for monday in sorted(weeks)]
