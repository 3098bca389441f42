"""The addresses of the API. Each works with and without a trailing slash; the schema shows one of the two."""

from typing import Any

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.views.breed_photos import BreedPhoto, BreedPhotos
from api.views.model import Model, ModelNetwork, ModelReport
from api.views.operations import Live, Ready, metrics
from api.views.photo_advice import PhotoAdvice
from api.views.predict_image import PredictImage
from api.views.predictions import PredictionFeedback, PredictionPhoto, Predictions, Statistics, StoredPrediction
from api.views.root import ApiRoot, NothingHere


def both(view: Any, route: str, name: str, in_schema: bool = True) -> list[URLPattern]:
    """Two addresses of a view: `route`, and the same with its last slash added or removed."""
    other = route.removesuffix("/") if route.endswith("/") else f"{route}/"
    return [
        path(route, view.as_view() if in_schema else view.as_view(schema=None), name=name),
        path(other, view.as_view(schema=None)),
    ]


urlpatterns = [
    *both(PredictImage, "predictImage", "predict-image"),
    *both(PredictImage, "api/predictImage", "api-predict-image", in_schema=False),
    *both(PhotoAdvice, "api/advice", "advice"),
    *both(ApiRoot, "api/", "api-root"),
    *both(Model, "api/model", "model"),
    *both(ModelNetwork, "api/model/network/<str:digest>", "network"),
    *both(ModelReport, "api/model/report", "model-report"),
    *both(BreedPhotos, "api/breeds/<str:breed>/photos", "breed-photos"),
    *both(BreedPhoto, "api/breeds/<str:breed>/photos/<str:digest>.jpg", "breed-photo"),
    *both(Predictions, "api/predictions", "predictions"),
    *both(StoredPrediction, "api/predictions/<uuid:id>", "prediction"),
    *both(PredictionFeedback, "api/predictions/<uuid:id>/feedback", "feedback"),
    *both(PredictionPhoto, "api/predictions/<uuid:id>/photo", "photo"),
    *both(Statistics, "api/stats", "stats"),
    *both(Live, "api/health/live", "health-live"),
    *both(Ready, "api/health/ready", "health-ready"),
    *both(SpectacularAPIView, "api/schema/", "schema"),
    *both(SpectacularSwaggerSplitView, "api/docs/", "docs"),
    re_path("^metrics/?$", metrics),
    re_path("^api/", NothingHere.as_view()),
]
