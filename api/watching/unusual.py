"""What is unusual in the weeks of a server: which measure changed, since when, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.models import CountedDay
from api.watching.changes import MEASURES, Comparison, Measure, compare
from api.watching.weeks import WEEK, Model, Week, model_of, weeks_of

REFERENCE_WEEKS = 4
REFERENCE_ANSWERS = 200  # fewer say too little: more weeks are taken then
TOGETHER_WEEKS = 4  # a site with few visitors sees a change only in several weeks together


@dataclass(frozen=True)
class Change:
    """A measure that differs from the reference in consecutive weeks.

    Attributes:
        since: the first of them.
        until: the last one.
        latest: the comparison of the last one.
        goes_on: whether that is the newest week, or the last complete one.
    """

    measure: Measure
    since: Week
    until: Week
    latest: Comparison
    goes_on: bool


@dataclass(frozen=True)
class Watched:
    """The weeks of a server, or of one model.

    Attributes:
        weeks: all up to `today`, the oldest first.
        model: None if answers of several models are taken together.
        reference: what later weeks are compared with. Empty if there is too little yet.
        compared: the comparisons of each later week by itself, by its Monday; none of a week of one or two days.
        changes: the oldest first.
    """

    today: date
    weeks: list[Week]
    model: Model | None
    reference: list[Week]
    compared: dict[date, list[Comparison]]
    changes: list[Change]

    def is_running(self, week: Week) -> bool:
        return week.monday + WEEK > self.today

    @property
    def going_on(self) -> list[Change]:
        return [change for change in self.changes if change.goes_on]

    @property
    def over(self) -> list[Change]:
        return [change for change in self.changes if not change.goes_on]


def watch(days: Sequence[CountedDay], today: date, model: Model | None = None, first: date | None = None) -> Watched:
    """Compares the weeks with the model's own first weeks.

    While the newest model has no more weeks than these, its weeks are compared with those before it.

    Args:
        model: watch this one. None: the newest.
        first: the Monday from which the reference is taken. None: the model's first.
    """
    chosen = model or _newest(days)
    own = weeks_of(day for day in days if model_of(day) == chosen)
    reference = _reference([week for week in own if first is None or week.monday >= first])
    later = [week for week in own if reference and week.monday > reference[-1].monday]
    if later or model or first:
        return _watched(own, chosen, reference, later, today)
    before = weeks_of(day for day in days if own and day.day < own[0].monday)
    if sum(week.answers for week in before[-REFERENCE_WEEKS:]) < REFERENCE_ANSWERS:
        return _watched(own, chosen, reference, [], today)
    return _watched(weeks_of(days), None, before[-REFERENCE_WEEKS:], own, today)


def _newest(days: Sequence[CountedDay]) -> Model | None:
    """The model with the most answers in the last week that has any."""
    answers: dict[Model, int] = {}
    for day in days:
        if day.day > days[-1].day - WEEK:
            answers[model_of(day)] = answers.get(model_of(day), 0) + day.answers
    return max(answers, key=lambda model: answers[model], default=None)


def _reference(weeks: list[Week]) -> list[Week]:
    """The first weeks that are enough to compare others with; none if all together are too few."""
    answers = 0
    for number, week in enumerate(weeks, 1):
        answers += week.answers
        if number >= REFERENCE_WEEKS and answers >= REFERENCE_ANSWERS:
            return weeks[:number]
    return []


def _watched(weeks: list[Week], model: Model | None, reference: list[Week], later: list[Week], today: date) -> Watched:
    measures = [measure for measure in MEASURES if model or not measure.of_one_model]
    compared = {week.monday: compare(reference, [week], measures) for week in later}
    changes = [change for measure in measures for change in _changes(measure, reference, later, compared, today)]
    changes.sort(key=lambda change: change.since.monday)
    return Watched(today, weeks, model, reference, compared, changes)


def _changes(
    measure: Measure,
    reference: list[Week],
    later: list[Week],
    compared: dict[date, list[Comparison]],
    today: date,
) -> list[Change]:
    """The runs of consecutive weeks in which one measure differs."""
    changes: list[Change] = []
    is_running = False
    alone: list[Week] = []  # weeks that are not unusual by themselves
    for week in later:
        found = [comparison for comparison in compared[week.monday] if comparison.measure is measure]
        if not found:
            continue  # nothing to compare, for instance no feedback: neither more nor less
        comparison, since = found[0], week
        if not comparison.is_unusual:
            alone = [*alone, week][-TOGETHER_WEEKS:]
            comparison, since = _together(measure, reference, alone, week, comparison)
        if comparison.is_unusual:
            goes_on = week is later[-1] or (week.monday + 2 * WEEK > today)
            since = changes.pop().since if is_running else since
            changes.append(Change(measure, since, week, comparison, goes_on))
        is_running = comparison.is_unusual
    return changes


def _together(
    measure: Measure, reference: list[Week], weeks: list[Week], week: Week, by_itself: Comparison
) -> tuple[Comparison, Week]:
    """The last weeks together, as far as they are not unusual by themselves."""
    recent = [each for each in weeks if each.monday > week.monday - TOGETHER_WEEKS * WEEK]
    if len(recent) < 2:
        return by_itself, week
    (found,) = compare(reference, recent, [measure]) or [by_itself]
    return found, recent[0]
