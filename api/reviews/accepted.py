"""The reviewed photos that are exported, each with where it comes from and who decided what."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from api.models import Feedback, KeptPhoto, Review
from api.reviews.cases import last_reviews
from dogbreed.exported_corrections import BREEDS, NOT_A_DOG, OTHER_BREEDS


@dataclass(frozen=True)
class Row:
    """A line of an export's manifest. Times are UTC, in ISO 8601; an export has no time of its own."""

    path: str  # in the export
    source: str  # who gave the label: visitor or reviewer
    label: str
    answer: str  # id
    answered: str  # when
    consented: str  # when
    said: str  # by the visitor; "" for nothing
    said_at: str
    decision: str
    reviewed_by: str
    reviewed: str  # when
    model: str
    model_version: str
    model_breed: str
    model_probability: str
    sha256: str = ""  # of the exported file


COLUMNS = [field.name for field in fields(Row)]


def accepted_rows(labels: Collection[str]) -> list[tuple[Row, Path]]:
    """The rows in order of their paths, without digests, and each photo's file. `labels` are those of the model.

    Of several copies of one file the first that is still kept is exported.
    """
    last = last_reviews()
    rows: dict[str, tuple[Row, Path]] = {}
    kept = KeptPhoto.objects.order_by("created", "pk").select_related("prediction__feedback")
    for photo in kept.defer("prediction__probabilities", "prediction__explanation"):
        review = last.get(photo.prediction.sha256)
        if review and review.state in (Review.State.ACCEPTED, Review.State.NOT_A_DOG):
            rows.setdefault(review.sha256, (_row(photo, review, labels), photo.path))
    return sorted(rows.values(), key=lambda row: row[0].path)


def _row(photo: KeptPhoto, review: Review, labels: Collection[str]) -> Row:
    prediction = photo.prediction
    feedback = getattr(prediction, "feedback", None)
    said = feedback.breed if feedback else ""
    return Row(
        path=f"{_folder(review, labels)}/{photo.pk}.jpg",
        source="visitor" if said and said == (review.label or Feedback.NO_DOG) else "reviewer",
        label=review.label or NOT_A_DOG,
        answer=str(photo.pk),
        answered=_time(prediction.created),
        consented=_time(photo.created),
        said=said,
        said_at=_time(feedback.created) if feedback else "",
        decision=review.action,
        reviewed_by=review.by_name,
        reviewed=_time(review.created),
        model=prediction.model_name,
        model_version=prediction.model_version,
        model_breed=prediction.breed,
        model_probability=f"{prediction.probability:.4f}",
    )


def _folder(review: Review, labels: Collection[str]) -> str:
    if review.state == Review.State.NOT_A_DOG:
        return NOT_A_DOG
    return f"{BREEDS if review.label in labels else OTHER_BREEDS}/{review.label}"


def _time(moment: datetime) -> str:
    return timezone.localtime(moment, timezone.get_fixed_timezone(0)).isoformat(timespec="seconds")


def as_columns(row: Row) -> dict[str, str]:
    return asdict(row)
