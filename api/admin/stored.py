"""The operator's view of stored answers, feedback and photos, which cannot be changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from api.admin.read_only import ReadOnlyAdmin
from api.models import Feedback, KeptPhoto, Prediction
from api.pruning import prune


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    list_display = ("created", "breed", "probability", "feedback", "model_version", "elapsed_ms")
    list_filter = ("feedback__right", "model_version", "breed")
    list_select_related = ("feedback",)
    search_fields = ("id", "sha256")
    date_hierarchy = "created"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def delete_model(self, request: HttpRequest, obj: Prediction) -> None:
        prune(Prediction.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> None:
        prune(Prediction.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))))


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("created", "right", "breed", "prediction")
    list_filter = ("right", "breed")
    list_select_related = ("prediction",)


@admin.register(KeptPhoto)
class KeptPhotoAdmin(ReadOnlyAdmin):
    list_display = ("created", "prediction", "path")
    list_select_related = ("prediction",)
