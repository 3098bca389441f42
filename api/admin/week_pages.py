"""The operator's page "Week by week", and its numbers as CSV."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from api.admin.read_only import ReadOnlyAdmin
from api.models import CountedDay
from api.watching import week_report, wording
from api.watching.counting import count_days
from api.watching.unusual import watch
from api.watching.week_csv import weeks_as_csv
from api.watching.weeks import Week, model_of, weeks_of

PATIENCE_SECONDS = 2.0  # that a page counts; a timer counts what is left


@admin.register(CountedDay)
class CountedDayAdmin(ReadOnlyAdmin):
    def get_urls(self) -> list[URLPattern]:
        return [
            path("weeks.csv", self.admin_site.admin_view(self.csv), name="api_countedday_csv"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        days, is_complete = self._counted(request)
        models = sorted({model_of(day) for day in days})
        model = next((each for each in models if str(each) == request.GET.get("model")), None)
        watched = watch(days, timezone.now().date(), model, _monday(request.GET.get("from", "")))
        own = weeks_of(day for day in days if model is None or model_of(day) == model)
        context = {
            **self.admin_site.each_context(request),
            "title": "Week by week",
            "opts": self.opts,
            "headline": wording.headline(watched),
            "is_usual": not watched.going_on,
            "explanation": wording.explanation(watched),
            "going_on": [(wording.change_text(each), wording.TO_DO[each.measure.key]) for each in watched.going_on],
            "over": [wording.change_text(each) for each in watched.over],
            "charts": week_report.charts(watched),
            "kinds": [week_report.KINDS[kind] for kind in week_report.kinds_of(watched)],
            "rows": week_report.table(watched),
            "promises": week_report.promises(watched),
            "counted": max((day.counted for day in days), default=None),
            "is_complete": is_complete,
            "models": models,
            "model": model,
            "choices": _choices(own),
            "reference": watched.reference[0] if watched.reference else None,
        }
        return TemplateResponse(request, "admin/api/countedday/weeks.html", context)

    def csv(self, request: HttpRequest) -> HttpResponse:
        days, _ = self._counted(request)
        headers = {"Content-Disposition": 'attachment; filename="weeks.csv"'}
        return HttpResponse(weeks_as_csv(days), content_type="text/csv; charset=utf-8", headers=headers)

    def _counted(self, request: HttpRequest) -> tuple[list[CountedDay], bool]:
        """All counted days, the oldest first, and whether no answer is missing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_complete = count_days(PATIENCE_SECONDS)
        return list(CountedDay.objects.order_by("day", "model_name", "model_version")), is_complete


def _choices(weeks: list[Week]) -> list[Week]:
    """The weeks from which a reference may be taken."""
    return weeks[:-1]


def _monday(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
