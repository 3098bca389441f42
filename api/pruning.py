"""Deletes old answers, with their feedback and photos."""

from django.db.models import QuerySet

from api.models import KeptPhoto, Prediction

BATCH = 1000  # a longer transaction would block the server from storing answers


def prune(old: QuerySet[Prediction]) -> int:
    """Deletes predictions, their feedback and their photos; returns how many predictions there were.

    Each photo's file is deleted before its row, so that a crash in between leaves no file without a row.
    """
    deleted = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        for kept in KeptPhoto.objects.filter(prediction_id__in=ids):
            kept.path.unlink(missing_ok=True)
        Prediction.objects.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted
