"""The queue of photos that visitors permit to keep: what they said, what the model said, and the staff's decision."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.html import format_html
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET, require_POST

from api.admin.read_only import ReadOnlyAdmin
from api.admin.review_cards import Card, cards_of
from api.admin.review_form import Order, carry_out, read_order
from api.admin.review_lists import LEADS, SAID, Shown, listed, tabs
from api.models import KeptPhoto, Review
from api.reviews.cases import Case, all_cases
from api.small_copies import small_copy
from dogbreed.answers.breeds import catalogue
from dogbreed.errors import DogbreedError

ON_A_PAGE = 24
SIDES = {"small": 480, "large": 1600}  # pixels of the longer side


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """The first page is the queue; the log of all reviews is beside it."""

    list_display = ("created", "by_name", "action", "state", "label", "photo")
    list_filter = ("action", "state", "by_name")
    search_fields = ("sha256", "label")
    date_hierarchy = "created"

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("log/", guarded(self.log), name="api_review_log"),
            path("act/", guarded(require_POST(self.act)), name="api_review_act"),
            path("photo/<uuid:id>/", guarded(require_GET(self.one)), name="api_review_photo"),
            path("photo/<uuid:id>/<str:size>.jpg", guarded(self.jpeg, cacheable=True), name="api_review_jpeg"),
            *super().get_urls(),
        ]

    @admin.display(description="photo")
    def photo(self, review: Review) -> str:
        kept = KeptPhoto.objects.filter(prediction__sha256=review.sha256).order_by("created", "pk").first()
        return format_html('<a href="{}">Look</a>', reverse("admin:api_review_photo", args=[kept.pk])) if kept else ""

    def log(self, request: HttpRequest) -> HttpResponse:
        return super().changelist_view(request, {"title": "Log of reviews"})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The queue."""
        self._check(request, "view")
        shown = Shown.by(request.GET)
        cases = all_cases()
        page = Paginator(listed(cases, shown), ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": "Corrections",
            "tabs": tabs(cases, shown),
            "shown": shown,
            "said_choices": SAID.items(),
            "lead": LEADS.get(shown.list, ""),
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "cards": cards_of(page.object_list),
        }
        return self._page(request, "queue", shown, context)

    def one(self, request: HttpRequest, id: UUID) -> HttpResponse:
        """One photo, large, with everything that is known about it."""
        self._check(request, "view")
        shown, cases = Shown.by(request.GET), all_cases()
        case = _find(cases, id)
        others = listed(cases, shown)
        place = next((place for place, other in enumerate(others) if other.sha256 == case.sha256), None)
        card: Card = cards_of([case])[0]
        around = (None, others[0] if others else None) if place is None else _around(others, place)
        context = {
            "title": "Correction",
            "card": card,
            "events": list(Review.objects.filter(sha256=case.sha256).order_by("-number")),
            "previous": around[0],
            "next": around[1],
            "back_to": f"{reverse('admin:api_review_changelist')}?{shown.query}",
        }
        return self._page(request, "one", shown, context)

    def jpeg(self, request: HttpRequest, id: UUID, size: str) -> HttpResponse:
        """A small or large copy of a photo. Browsers ask each time, so a withdrawn photo is not shown any more."""
        self._check(request, "view")
        try:
            file = KeptPhoto.objects.get(pk=id).path
            state = file.stat()
            etag = quote_etag(f"{state.st_mtime_ns}-{state.st_size}-{SIDES[size]}")
            response = get_conditional_response(request, etag)
            if response is None:
                response = HttpResponse(small_copy(file, SIDES[size]).jpeg, content_type="image/jpeg")
                response["ETag"] = etag
        except (KeptPhoto.DoesNotExist, KeyError, OSError, DogbreedError) as error:
            raise Http404 from error
        patch_cache_control(response, private=True, no_cache=True)
        return response

    def act(self, request: HttpRequest) -> HttpResponse:
        """Carries out what a form of the two pages says, and returns to the list or to the next photo."""
        self._check(request, "change")
        shown = Shown.by(QueryDict(request.POST.get("query", "")))
        order: Order = read_order(request.POST)
        done = carry_out(request, order, all_cases())
        following = request.POST.get("next", "")
        query = shown.query + (f"&done={done}" if done else "")
        if request.POST.get("from") == "one" and (target := _identifier(following if done else order.first)):
            return HttpResponseRedirect(f"{reverse('admin:api_review_photo', args=[target])}?{query}")
        fragment = f"#photo-{target}" if (target := _identifier(following)) else ""
        return HttpResponseRedirect(f"{reverse('admin:api_review_changelist')}?{query}{fragment}")

    def _check(self, request: HttpRequest, permission: str) -> None:
        allowed = {"view": self.has_view_permission(request), "change": _may_review(request)}
        if not allowed[permission]:
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, shown: Shown, context: dict[str, Any]) -> HttpResponse:
        own = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "may_review": _may_review(request),
            "done": _identifier(request.GET.get("done", "")),
            "query": shown.query,
            "breeds": sorted(breed.name for breed in catalogue().values()),
        }
        return TemplateResponse(request, f"admin/api/review/{name}.html", {**own, **context})


def _may_review(request: HttpRequest) -> bool:
    return request.user.has_perm("api.change_review")


def _find(cases: list[Case], identifier: UUID) -> Case:
    for case in cases:
        if any(copy.id == identifier for copy in case.copies):
            return case
    raise Http404


def _around(cases: list[Case], place: int) -> tuple[Case | None, Case | None]:
    return cases[place - 1] if place else None, cases[place + 1] if place + 1 < len(cases) else None


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
