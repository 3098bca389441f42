"""The operator's view of API keys."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from api.keys import draw_key
from api.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "rate", "active", "created")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        key = "" if change else draw_key(obj)
        super().save_model(request, obj, form, change)
        if key:
            text = f"The key of {obj.name} is {key} - copy it now, because it is not shown again."
            self.message_user(request, text, messages.WARNING)
