"""What stored answers say of the models that gave them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from api.models import Prediction


@dataclass(frozen=True)
class Agreement:
    """On how many photos a bundle on trial was compared with the served one, and on how many both said the same."""

    photos: int
    breed: int
    verdict: int


def answers_of(digest: str) -> dict[str, int]:
    """How many stored answers a bundle gave, and what visitors said of them."""
    counted: dict[str, Any] = Prediction.objects.filter(model_digest=digest).aggregate(
        answers=Count("pk"), judged=Count("feedback"), right=Count("feedback", filter=Q(feedback__right=True))
    )
    return counted


def agreement(trial: str, served: str) -> Agreement:
    """Of the stored answers of a bundle on trial."""
    rows = Prediction.objects.filter(model_digest=trial, other_model__isnull=False).values_list(
        "other_model", flat=True
    )
    compared = [row for row in rows.iterator() if row and row["digest"] == served]
    return Agreement(
        len(compared), sum(bool(row["breed"]) for row in compared), sum(bool(row["verdict"]) for row in compared)
    )
