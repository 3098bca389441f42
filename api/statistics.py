"""Counts of the stored answers, and how often visitors agreed with them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Floor

from api.models import Prediction

BINS = 10


@dataclass
class ConfidenceBin:
    """Answers whose probability is at least `lower` and below `upper`."""

    lower: float
    upper: float
    predictions: int = 0
    judged: int = 0
    right: int = 0


def statistics() -> dict[str, Any]:
    """Counts by breed and by the probability of the answer, in `BINS` bins of equal width."""
    breeds = list(
        Prediction.objects.values("breed").annotate(predictions=Count("id")).order_by("-predictions", "breed")
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
