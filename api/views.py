"""Thin views: a request in, a call to the classifier, its answer out."""

import time
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.serializers import (
    ApiRootSerializer,
    ErrorSerializer,
    ModelSerializer,
    PhotoUploadSerializer,
    PredictionSerializer,
    UploadRulesSerializer,
)
from api.uploads import read_upload
from dogbreed.breeds import display_name
from dogbreed.classifier import Classifier, Prediction, default_classifier
from dogbreed.formats import MEDIA_TYPES


def _error(*codes: str) -> OpenApiResponse:
    return OpenApiResponse(ErrorSerializer, description="Codes: " + ", ".join(f"`{code}`" for code in codes) + ".")


UNAVAILABLE = _error("model_unavailable")


class ApiRoot(APIView):
    """A photo of a dog goes in, its breed comes out. Open `predictImage` to try it, `docs` to read about it."""

    @extend_schema(operation_id="root", responses=ApiRootSerializer)
    def get(self, request: Request) -> Response:
        names = {"predictImage": "predict-image", "model": "model", "schema": "schema", "docs": "docs"}
        return Response({key: reverse(name, request=request) for key, name in names.items()})


class PredictImage(GenericAPIView[Any]):
    """Says which breed the dog in a photo is. Choose a photo below and press POST."""

    serializer_class = PhotoUploadSerializer

    @extend_schema(operation_id="predictImageRules", responses=UploadRulesSerializer)
    def get(self, request: Request) -> Response:
        """Says what may be posted here."""
        return Response(
            {
                "detail": "POST a photo as a file in the multipart field 'image'.",
                "accepts": MEDIA_TYPES,
                "max_bytes": settings.DOGBREED_MAX_UPLOAD_BYTES,
                "max_pixels": settings.DOGBREED_MAX_PIXELS,
            }
        )

    @extend_schema(
        operation_id="predictImage",
        description="Says which breed the dog in a photo is. The same answers at `/api/predictImage`, and at either "
        "address with a trailing slash.",
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={
            200: PredictionSerializer,
            400: _error("no_image", "empty_file", "broken_image", "parse_error"),
            411: _error("length_required"),
            413: _error("file_too_large", "too_many_pixels"),
            415: _error("unsupported_image", "unsupported_media_type"),
            503: UNAVAILABLE,
        },
    )
    def post(self, request: Request) -> Response:
        classifier = default_classifier()
        data = read_upload(request)
        started = time.perf_counter()
        prediction = classifier.classify(classifier.open(data, settings.DOGBREED_MAX_PIXELS).image)
        elapsed = time.perf_counter() - started
        return Response(_answer(prediction, classifier, elapsed))


def _answer(prediction: Prediction, classifier: Classifier, elapsed: float) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "prediction": prediction.index,
        "breed": prediction.breed,
        "name": prediction.name,
        "probability": prediction.probability,
        "probabilities": [
            {"breed": line.breed, "name": line.name, "probability": line.probability} for line in prediction.ranked()
        ],
        "model": {"name": classifier.config.name, "version": classifier.config.version},
        "elapsed_ms": round(elapsed * 1000, 1),
    }


class Model(APIView):
    """The model that answers here: its breeds, and how good it was found to be."""

    @extend_schema(operation_id="model", responses={200: ModelSerializer, 503: UNAVAILABLE})
    def get(self, request: Request) -> Response:
        config = default_classifier().config
        return Response(
            {
                "name": config.name,
                "version": config.version,
                "input_size": config.input_size,
                "breeds": [{"breed": label, "name": display_name(label)} for label in config.label_names],
                "metrics": {name: metrics.model_dump() for name, metrics in config.metrics.items()},
            }
        )


class NothingHere(APIView):
    """Answers for every address under /api/ that leads nowhere."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
