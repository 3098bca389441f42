"""Forgetting: old answers go, with what belongs to them."""

from django.db.models import QuerySet

from api.models import KeptPhoto, Prediction

AT_ONCE = 1000  # a long transaction would keep the server from storing


def prune(old: QuerySet[Prediction]) -> int:
    """Deletes predictions, their feedback and their photos; returns how many predictions there were.

    A photo's file goes first: were it the other way round, a crash between the two would leave files that nothing
    knows of.
    """
    deleted = 0
    while ids := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        for kept in KeptPhoto.objects.filter(prediction_id__in=ids):
            kept.path.unlink(missing_ok=True)
        Prediction.objects.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted
