"""Advice for a better photo, apart from the answer to it, which then comes without the wait for it."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import gate
from api.exceptions import Busy
from api.serializers.predict_image import PhotoAdviceSerializer, PhotoUploadSerializer
from api.serializers.represent import represent
from api.uploads import read_upload
from api.views.caching import not_stored
from api.views.photo_view import PhotoView
from api.views.schema import UPLOAD_ERRORS, error
from dogbreed.model.classifier import served_models


class PhotoAdvice(PhotoView):
    """Says what would help a photo whose answer is not certain. Choose a photo below and press POST."""

    serializer_class = PhotoUploadSerializer

    @extend_schema(
        operation_id="adviseOnPhoto",
        description="Says what would help a photo whose answer is not certain. It gives no answer and stores nothing. "
        "It takes up to 30 inferences, so it is refused while other clients wait (503, `busy`).",
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={
            200: PhotoAdviceSerializer,
            **UPLOAD_ERRORS,
            400: error("no_image", "empty_file", "broken_image", "parse_error"),
            429: error("throttled"),
            503: error("busy", "model_unavailable", "keys_unavailable"),
        },
    )
    @not_stored
    def post(self, request: Request) -> Response:
        models = served_models()
        gate().refuse_if_full()
        data = read_upload(request)
        with gate().admitted():
            if not gate().is_idle:
                raise Busy
            classifier = models.choose(data).model  # which also answers the photo
            photo = classifier.open(data, settings.DOGBREED_MAX_PIXELS)
            advice = classifier.classify(photo.image, advise=True).advice
        return Response(represent(PhotoAdviceSerializer, {"advice": advice}))
