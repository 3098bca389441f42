"""`/predictImage`"""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import metrics
from api.admission import gate
from api.answering import Wanted, answer_photo, record
from api.history import STORING
from api.options import read_options
from api.serializers.predict_image import (
    OnePhotoOptionsSerializer,
    PhotoUploadSerializer,
    PredictionSerializer,
    UploadRulesSerializer,
)
from api.serializers.represent import represent
from api.uploads import read_upload
from api.views.caching import not_stored
from api.views.photo_view import PhotoView
from api.views.schema import UPLOAD_ERRORS, error
from dogbreed.model.classifier import served_models
from dogbreed.photos.formats import FORMATS, MEDIA_TYPES


class PredictImage(PhotoView):
    """Identifies the breed of the dog in a photo. Choose a photo below and press POST."""

    serializer_class = PhotoUploadSerializer

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
        parameters=[OnePhotoOptionsSerializer],
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={
            200: PredictionSerializer,
            **UPLOAD_ERRORS,
            400: error("no_image", "empty_file", "broken_image", "parse_error", "bad_option"),
            429: error("throttled"),
            503: error("busy", "model_unavailable", "keys_unavailable"),
        },
    )
    @not_stored
    def post(self, request: Request) -> Response:
        options = read_options(request, OnePhotoOptionsSerializer)
        models = served_models()
        gate().refuse_if_full()
        data = read_upload(request)
        with gate().admitted():
            answered = answer_photo(data, models.choose(data), settings.DOGBREED_MAX_PIXELS, Wanted.by(options))
        prediction = record(answered)
        STORING.store(prediction)
        return Response(represent(PredictionSerializer, prediction))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Counts the outcomes of predictions, refusals included."""
        if request.method == "POST":
            metrics.OUTCOMES.labels(response.data.get("code", "answered")).inc()
        return super().finalize_response(request, response, *args, **kwargs)
