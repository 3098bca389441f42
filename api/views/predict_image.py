"""`/predictImage`"""

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
from api.history import STORING, digest
from api.models import Prediction
from api.previews import preview
from api.serializers.conclusions import conclusions
from api.serializers.predict_image import (
    PhotoUploadSerializer,
    PredictionOptionsSerializer,
    PredictionSerializer,
    UploadRulesSerializer,
)
from api.serializers.represent import represent
from api.uploads import read_upload
from api.views.schema import UPLOAD_ERRORS, error
from dogbreed.model.classifier import Classifier, default_classifier
from dogbreed.model.classifier import Prediction as Answer
from dogbreed.photos.decoding import Photo
from dogbreed.photos.formats import FORMATS, MEDIA_TYPES


class PredictImage(GenericAPIView[Any]):
    """Identifies the breed of the dog in a photo. Choose a photo below and press POST."""

    serializer_class = PhotoUploadSerializer
    throttle_scope = "predictions"

    def get_throttles(self) -> list[Any]:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    @extend_schema(operation_id="predictImageRules", responses=UploadRulesSerializer)
    def get(self, request: Request) -> Response:
        """Says which photos can be posted here."""
        rules = {
            "detail": "POST a photo as a file in the multipart field 'image'.",
            "accepts": MEDIA_TYPES,
            "formats": FORMATS,
            "max_bytes": settings.DOGBREED_MAX_UPLOAD_BYTES,
            "max_pixels": settings.DOGBREED_MAX_PIXELS,
            "keeps_photos": settings.DOGBREED_KEEP_PHOTOS,
        }
        return Response(represent(UploadRulesSerializer, rules))

    @extend_schema(
        operation_id="predictImage",
        description="Identifies the breed of the dog in a photo. Also available at `/api/predictImage`; both addresses "
        "work with and without a trailing slash.",
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
            small = preview(photo.image) if options["preview"] else None
        record = _record(answer, classifier, data, photo, stopwatch)
        if small:
            record.preview = small
        STORING.store(record)
        return Response(represent(PredictionSerializer, record))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Counts the outcomes of predictions, refusals included."""
        if request.method == "POST":
            metrics.OUTCOMES.labels(response.data.get("code", "answered")).inc()
        return super().finalize_response(request, response, *args, **kwargs)


def _options(request: Request) -> dict[str, bool]:
    options = PredictionOptionsSerializer(data=request.query_params)
    if not options.is_valid():
        raise BadOption(next(iter(options.errors)))
    return dict(options.validated_data)


class Stopwatch:
    """Milliseconds of one prediction's stages; each is reported to Prometheus too."""

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
        **conclusions(answer),
        width=photo.width,
        height=photo.height,
        sha256=digest(data),
        decode_ms=round(stopwatch.ms["decode"], 2),
        inference_ms=round(stopwatch.ms["inference"], 2),
        elapsed_ms=round(stopwatch.total_ms, 1),
    )
