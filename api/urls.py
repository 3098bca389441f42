"""The addresses of the API. The schema shows one of several addresses of a view."""

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.views.model import Model, ModelReport
from api.views.operations import Live, Ready, metrics
from api.views.predict_image import PredictImage
from api.views.predictions import PredictionFeedback, PredictionPhoto, Predictions, Statistics, StoredPrediction
from api.views.root import ApiRoot, NothingHere


def alias(route: str, view: type[PredictImage] | type[Model]) -> URLPattern:
    """A second address of a view, not shown in the schema."""
    return path(route, view.as_view(schema=None))


urlpatterns = [
    path("predictImage", PredictImage.as_view(), name="predict-image"),
    alias("predictImage/", PredictImage),
    alias("api/predictImage", PredictImage),
    alias("api/predictImage/", PredictImage),
    path("api/model", Model.as_view(), name="model"),
    alias("api/model/", Model),
    path("api/model/report", ModelReport.as_view(), name="model-report"),
    path("api/", ApiRoot.as_view(), name="api-root"),
    path("api/predictions", Predictions.as_view(), name="predictions"),
    path("api/predictions/<uuid:id>", StoredPrediction.as_view(), name="prediction"),
    path("api/predictions/<uuid:id>/feedback", PredictionFeedback.as_view(), name="feedback"),
    path("api/predictions/<uuid:id>/photo", PredictionPhoto.as_view(), name="photo"),
    path("api/stats", Statistics.as_view(), name="stats"),
    path("api/health/live", Live.as_view(), name="health-live"),
    path("api/health/ready", Ready.as_view(), name="health-ready"),
    path("metrics", metrics),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api(/|$)", NothingHere.as_view()),
]
