"""What can be counted about the answers so far, and how often people agreed with them."""

from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Floor

from api.models import Prediction
from dogbreed.answers.breeds import display_name

BINS = 10


def statistics() -> dict[str, Any]:
    """Counts by breed and by the probability of the answer, in `BINS` bins of equal width."""
    by_breed = Prediction.objects.values("breed").annotate(predictions=Count("id")).order_by("-predictions", "breed")
    breeds = [
        {"breed": row["breed"], "name": display_name(row["breed"]), "predictions": row["predictions"]}
        for row in by_breed
    ]
    return {
        "predictions": sum(row["predictions"] for row in breeds),
        "breeds": breeds,
        "confidence": _by_confidence(),
    }


def _by_confidence() -> list[dict[str, Any]]:
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
    bins = [
        {"from": index / BINS, "to": (index + 1) / BINS, "predictions": 0, "judged": 0, "right": 0}
        for index in range(BINS)
    ]
    for row in rows:
        counted = bins[min(int(row["bin"]), BINS - 1)]  # a probability of exactly 1 belongs to the last
        for key in ("predictions", "judged", "right"):
            counted[key] += row[key]
    return bins
