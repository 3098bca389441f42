"""Counts of the stored answers, and how often visitors agreed with them."""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.db.models.functions import Floor

from api.models import Prediction
from api.shared_cache import without_errors

BINS = 10
COUNTING_SHARE = 0.05  # of the time, at most: with few answers, visitors see their feedback counted at once
FRESH_SECONDS = 60  # at most
FORGOTTEN_SECONDS = 3600  # earlier counts are not shown
KEY = "statistics"
_counting = Lock()


@dataclass
class ConfidenceBin:
    """Answers whose probability is at least `lower` and below `upper`."""

    lower: float
    upper: float
    predictions: int = 0
    judged: int = 0
    right: int = 0


def statistics() -> dict[str, Any]:
    """Counts by breed and by the probability of the answer, in `BINS` bins of equal width.

    They are up to `FRESH_SECONDS` old where counting is slow. One request at a time counts again, and the others get
    the earlier counts: a million rows take seconds.
    """
    counted, fresh_until = _kept()
    if counted is None:
        with _counting:  # the first ones wait for the counts of one of them
            counted, fresh_until = _kept()
            return counted if counted is not None else _count_and_keep()
    if time.time() > fresh_until and _counting.acquire(blocking=False):
        try:
            return _count_and_keep()
        finally:
            _counting.release()
    return counted


def _kept() -> tuple[dict[str, Any] | None, float]:
    """The last counts, and until when they are fresh."""
    return without_errors(lambda: cache.get(KEY), otherwise=None) or (None, 0.0)


def _count_and_keep() -> dict[str, Any]:
    started = time.time()
    counted = _count()
    now = time.time()
    fresh_until = now + min(FRESH_SECONDS, max(0.0, now - started) / COUNTING_SHARE)
    without_errors(lambda: cache.set(KEY, (counted, fresh_until), FORGOTTEN_SECONDS), otherwise=None)
    return counted


def _count() -> dict[str, Any]:
    breeds = list(
        # Not Count("id"): the ids are not in the index of breeds, so SQLite would read every row.
        Prediction.objects.values("breed").annotate(predictions=Count("*")).order_by("-predictions", "breed")
    )
    return {
        "predictions": sum(row["predictions"] for row in breeds),
        "breeds": breeds,
        "confidence": _by_confidence(),
    }


def _by_confidence() -> list[ConfidenceBin]:
    rows = (
        Prediction.objects.order_by()
        .annotate(bin=Floor(F("probability") * BINS))
        .values("bin")
        .annotate(
            predictions=Count("id"),
            judged=Count("feedback"),
            right=Count("feedback", filter=Q(feedback__right=True)),
        )
    )
    bins = [ConfidenceBin(index / BINS, (index + 1) / BINS) for index in range(BINS)]
    for row in rows:
        counted = bins[min(int(row["bin"]), BINS - 1)]  # a probability of exactly 1 belongs to the last
        counted.predictions += row["predictions"]
        counted.judged += row["judged"]
        counted.right += row["right"]
    return bins
