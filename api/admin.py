"""The operator's view of stored answers and feedback, which cannot be changed, and of API keys."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

from api.keys import draw_key
from api.models import ApiKey, Feedback, KeptPhoto, Prediction
from api.pruning import prune


def client_address(request: HttpRequest) -> str | None:
    """Who tries to log in, for the lockout: the address that the proxies give (DOGBREED_PROXIES), as for throttling."""
    address: str | None = BaseThrottle().get_ident(request)  # type: ignore[arg-type] # it needs only META
    return address or None  # a Unix socket has none


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Django has it only in the stubs
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "rate", "active", "created")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        key = "" if change else draw_key(obj)
        super().save_model(request, obj, form, change)
        if key:
            text = f"The key of {obj.name} is {key} - copy it now, because it is not shown again."
            self.message_user(request, text, messages.WARNING)
