"""`POST /predictImage`"""

import time
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle

from api import metrics
from api.admission import gate
from api.exceptions import BadOption
from api.history import STORING, as_answer, digest
from api.models import Prediction
from api.previews import preview
from api.serializers import (
    PhotoUploadSerializer,
    PredictionOptionsSerializer,
    PredictionSerializer,
    UploadRulesSerializer,
)
from api.trust import trust_of
from api.uploads import read_upload
from api.views.schema import UPLOAD_ERRORS, error
from dogbreed.model.classifier import Classifier, default_classifier
from dogbreed.model.classifier import Prediction as Answer
from dogbreed.photos.decoding import Photo
from dogbreed.photos.formats import MEDIA_TYPES


class PredictImage(GenericAPIView[Any]):
    """Says which breed the dog in a photo is. Choose a photo below and press POST."""

    serializer_class = PhotoUploadSerializer
    throttle_scope = "predictions"

    def get_throttles(self) -> list[Any]:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    @extend_schema(operation_id="predictImageRules", responses=UploadRulesSerializer)
    def get(self, request: Request) -> Response:
        """Says what may be posted here."""
        return Response(
            {
                "detail": "POST a photo as a file in the multipart field 'image'.",
                "accepts": MEDIA_TYPES,
                "max_bytes": settings.DOGBREED_MAX_UPLOAD_BYTES,
                "max_pixels": settings.DOGBREED_MAX_PIXELS,
                "keeps_photos": settings.DOGBREED_KEEP_PHOTOS,
            }
        )

    @extend_schema(
        operation_id="predictImage",
        description="Says which breed the dog in a photo is. The same answers at `/api/predictImage`, and at either "
        "address with a trailing slash.",
        parameters=[PredictionOptionsSerializer],
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={
            200: PredictionSerializer,
            **UPLOAD_ERRORS,
            400: error("no_image", "empty_file", "broken_image", "parse_error", "bad_option"),
            429: error("throttled"),
            503: error("busy", "model_unavailable"),
        },
    )
    def post(self, request: Request) -> Response:
        options = _options(request)
        classifier = default_classifier()
        gate().refuse_if_full()
        data = read_upload(request)
        with gate().admitted():
            stopwatch = Stopwatch()
            photo = classifier.open(data, settings.DOGBREED_MAX_PIXELS)
            stopwatch.lap("decode")
            answer = classifier.classify(photo.image, options["explain"])
            stopwatch.lap("inference")
            extras = {"preview": preview(photo.image)} if options["preview"] else {}
        record = _record(answer, classifier, data, photo, stopwatch)
        return Response({**as_answer(record), "stored": STORING.store(record), **extras})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Counts how predictions end, however they do."""
        if request.method == "POST":
            metrics.OUTCOMES.labels(response.data.get("code", "answered")).inc()
        return super().finalize_response(request, response, *args, **kwargs)


def _options(request: Request) -> dict[str, bool]:
    """What stands behind the question mark."""
    options = PredictionOptionsSerializer(data=request.query_params)
    if not options.is_valid():
        raise BadOption(next(iter(options.errors)))
    return dict(options.validated_data)


class Stopwatch:
    """Milliseconds of one prediction's stages, which Prometheus learns of as well."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        metrics.STAGES.labels(stage).observe(now - self._last)
        self.ms[stage] = (now - self._last) * 1000
        self._last = now

    @property
    def total_ms(self) -> float:
        return sum(self.ms.values())


def _record(answer: Answer, classifier: Classifier, data: bytes, photo: Photo, stopwatch: Stopwatch) -> Prediction:
    metrics.STAGES.labels("total").observe(stopwatch.total_ms / 1000)
    return Prediction(
        model_name=classifier.config.name,
        model_version=classifier.config.version,
        breed=answer.breed,
        probability=answer.probability,
        probabilities=dict(zip(answer.label_names, answer.probabilities.tolist(), strict=True)),
        **trust_of(answer),
        width=photo.width,
        height=photo.height,
        sha256=digest(data),
        decode_ms=round(stopwatch.ms["decode"], 2),
        inference_ms=round(stopwatch.ms["inference"], 2),
        elapsed_ms=round(stopwatch.total_ms, 1),
    )
