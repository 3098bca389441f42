"""Counts the stored answers of each day into the table of counted days.

A day is counted as a whole and written in one transaction, so a count that is killed leaves whole days, and several
that run at once write the same. A day is counted again while it lasts, for a while after it, and whenever a visitor has
judged one of its answers since. It is closed before its answers are deleted: from then on its counts stay.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from api.models import CountedDay, Feedback, Prediction
from api.watching.day_figures import Answer, Figures, count_answer, no_figures

MODEL = ("model_name", "model_version")  # the columns, of answers and of counted days, that say which model answered
DAY = timedelta(days=1)
SPAN = timedelta(hours=1)  # of one query: PostgreSQL's time for a statement does not run out
AT_ONCE = 2000  # rows in memory
LATE = timedelta(minutes=10)  # after its time, at most, an answer or feedback is stored; also for clocks that differ
COUNTING_SHARE = 0.05  # of the time, at most, when a page asks
READ = ("breed", "probability", "verdict", "width", "height", "feedback__breed", "feedback__right")


def count_days(seconds: float | None = None, again: bool = False) -> bool:
    """Counts all days that need it, the oldest first. Tells whether all are counted.

    Args:
        seconds: begin no further day after so long, and leave out what was counted a moment ago. None: count all.
        again: count every day that is not closed.
    """
    started, began = timezone.now(), time.monotonic()
    for day in _days_to_count(again):
        if seconds is not None:
            if time.monotonic() - began > seconds:
                return False
            if _is_fresh(day):  # and no later day: see `_judged_since`
                return True
        _count(day, started)
    return True


def _days_to_count(again: bool) -> Iterator[date]:
    """The days whose answers are not counted yet, or no longer completely, the oldest first."""
    last = None if again else CountedDay.objects.aggregate(last=Max("day"))["last"]
    if last:
        judged = _judged_since(last)
        yield from judged if _is_final(last) else sorted({*judged, last})
    day, today = _next_with_answers(last), _day_of(timezone.now())
    while day is not None and day <= today:
        yield day
        day = _next_with_answers(day)


def close_days(until: datetime) -> None:
    """Keeps the counts of the days that have answers before `until`, which are about to be deleted."""
    CountedDay.objects.filter(day__lte=_day_of(until)).update(closed=True)


def _judged_since(last: date) -> list[date]:
    """Days up to `last` with feedback since they were counted.

    The last day is counted after all others, so what was given before its count began is counted already.
    """
    began = CountedDay.objects.filter(day=last).aggregate(began=Min("counted"))["began"]
    given = Feedback.objects.filter(created__gte=began - LATE, prediction__created__lt=_midnight(last + DAY))
    latest: dict[date, datetime] = {}
    for answered, judged in given.order_by("created").values_list("prediction__created", "created"):
        latest[_day_of(answered)] = judged
    counted = CountedDay.objects.filter(day__in=latest, closed=False).values_list("day").annotate(Min("counted"))
    return sorted(day for day, begun in counted if latest[day] >= begun - LATE)


def _next_with_answers(day: date | None) -> date | None:
    """The first day after `day` that has answers; the very first one if it is None."""
    later = Prediction.objects.filter(created__gte=_midnight(day + DAY)) if day else Prediction.objects.all()
    first = later.aggregate(first=Min("created"))["first"]
    return _day_of(first) if first else None


def _is_final(day: date) -> bool:
    """Whether no answer of a counted day can come any more that was not counted."""
    counted: datetime = CountedDay.objects.filter(day=day).aggregate(first=Min("counted"))["first"]
    return counted >= _midnight(day + DAY) + LATE


def _is_fresh(day: date) -> bool:
    """Whether a day was counted so lately that it would cost too much to count it again already."""
    row = CountedDay.objects.filter(day=day).order_by("-seconds").first()
    if row is None:
        return False
    return (timezone.now() - row.counted).total_seconds() < row.seconds / COUNTING_SHARE


def _count(day: date, started: datetime) -> None:
    """`started`: when the whole count began. What came later may be missing."""
    began = time.monotonic()
    models: dict[tuple[str, ...], Figures] = {}
    begin, end = _midnight(day), _midnight(day + DAY)
    while begin < end:
        for row in _answers(begin, begin + SPAN):
            figures = models.setdefault(row[: len(MODEL)], no_figures())
            count_answer(Answer(*row[len(MODEL) :]), figures)
        begin += SPAN
    rows = [
        CountedDay(
            day=day,
            **dict(zip(MODEL, model, strict=True)),
            answers=figures["kind"].total(),
            figures=figures,
            counted=started,
            seconds=time.monotonic() - began,
        )
        for model, figures in models.items()
    ]
    _write(day, rows, started)


def _answers(begin: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:
    found = Prediction.objects.order_by().filter(created__gte=begin, created__lt=end)
    return found.values_list(*MODEL, *READ).iterator(AT_ONCE)


def _write(day: date, rows: list[CountedDay], started: datetime) -> None:
    """Replaces the counts of a day, unless it was closed meanwhile or another process has counted it since."""
    with transaction.atomic():
        earlier = list(CountedDay.objects.select_for_update().filter(day=day))
        if any(row.closed or row.counted > started for row in earlier):
            return
        new = {tuple(getattr(row, name) for name in MODEL) for row in rows}
        gone = [row.pk for row in earlier if tuple(getattr(row, name) for name in MODEL) not in new]
        CountedDay.objects.filter(pk__in=gone).delete()
        CountedDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["day", *MODEL],
            update_fields=["answers", "figures", "counted", "seconds"],
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
