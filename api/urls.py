"""The API's addresses. Each works with and without a trailing slash; the schema shows one of the two."""

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from api.views import ApiRoot, Model, NothingHere, PredictImage


def alias(route: str, view: type[PredictImage] | type[Model]) -> URLPattern:
    """A second address of a view, left out of the schema."""
    return path(route, view.as_view(schema=None))


urlpatterns = [
    path("predictImage", PredictImage.as_view(), name="predict-image"),
    alias("predictImage/", PredictImage),
    alias("api/predictImage", PredictImage),
    alias("api/predictImage/", PredictImage),
    path("api/model", Model.as_view(), name="model"),
    alias("api/model/", Model),
    path("api/", ApiRoot.as_view(), name="api-root"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api(/|$)", NothingHere.as_view()),
]
