"""Deletes answers, with their feedback and photos, and photos that no answer has."""

import math
import time
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from api.models import KeptPhoto, Prediction, Review

BATCH = 1000  # a longer transaction would block the server from storing answers
ORPHAN_SECONDS = 3600  # a newer file may be one that is just being stored


def prune(old: QuerySet[Prediction]) -> int:
    """Deletes predictions, their feedback, photos and reviews of these; returns how many predictions there were.

    Each photo's file is deleted before its row, so that a crash in between leaves no file without a row.
    """
    deleted = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        photos = list(KeptPhoto.objects.filter(prediction_id__in=ids).select_related("prediction"))
        for kept in photos:
            kept.path.unlink(missing_ok=True)
        with transaction.atomic():
            Prediction.objects.filter(pk__in=ids).delete()
            _forget_reviews({kept.prediction.sha256 for kept in photos})
        deleted += len(ids)
    return deleted


def _forget_reviews(digests: set[str]) -> None:
    """Deletes the reviews of photos of which no copy is kept any more."""
    left = KeptPhoto.objects.filter(prediction__sha256__in=digests).values_list("prediction__sha256", flat=True)
    Review.objects.filter(sha256__in=digests - set(left)).delete()


def orphans() -> list[Path]:
    """Files of photos that belong to no answer, which a crash may leave behind."""
    before = time.time() - ORPHAN_SECONDS
    files = [path for path in Path(settings.DOGBREED_PHOTOS).glob("*") if _changed(path) < before]
    found = [path for path in files if path.suffix == KeptPhoto.UNFINISHED]
    photos = [path for path in files if path.suffix == ".jpg" and _identifier(path)]
    for start in range(0, len(photos), BATCH):
        some = {_identifier(path): path for path in photos[start : start + BATCH]}
        kept = set(KeptPhoto.objects.filter(pk__in=some).values_list("pk", flat=True))
        found += [path for identifier, path in some.items() if identifier not in kept]
    return found


def _changed(path: Path) -> float:
    """When a file was written, in seconds since 1970; infinity for one that has just been renamed or deleted."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _identifier(path: Path) -> UUID | None:
    """The id of the answer that a photo's file is named after; None for other files."""
    try:
        identifier = UUID(path.stem)
    except ValueError:
        return None
    return identifier if str(identifier) == path.stem else None
