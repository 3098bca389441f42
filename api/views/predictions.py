"""Several photos at once; stored answers, feedback on them, kept photos and statistics."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import metrics
from api.admission import gate
from api.answering import Wanted, answer_photos, record
from api.dogs import answer_dog
from api.exceptions import BadFeedback, SecretNeeded
from api.history import STORING, find, locked
from api.kept_photos import keep_photo
from api.models import Feedback, Prediction
from api.options import read_options
from api.ownership import HEADER, has_secret
from api.parsers import PhotoTextsParser
from api.pruning import prune
from api.serializers.predict_image import PhotoUploadSerializer
from api.serializers.predictions import (
    MAX_PHOTOS,
    AnswersSerializer,
    FeedbackRequestSerializer,
    FeedbackSerializer,
    KeptPhotoSerializer,
    PhotoFilesSerializer,
    PhotoTextsSerializer,
    PredictionsOptionsSerializer,
    StatisticsSerializer,
    StoredPredictionSerializer,
    TopSerializer,
    shortened,
)
from api.serializers.represent import represent
from api.statistics import statistics
from api.uploads import read_upload, read_uploads
from api.views.caching import not_stored, revalidated_by_browsers
from api.views.photo_view import PhotoView
from api.views.schema import HISTORY_UNAVAILABLE, UPLOAD_ERRORS, error
from api.watching.day_figures import agrees, kind_of
from dogbreed.model.classifier import served_models
from dogbreed.photos.decoding import PhotoError

NOT_FOUND = error("prediction_not_found")
SECRET_NEEDED = error("secret_needed")


def secret_parameter(required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        HEADER, str, OpenApiParameter.HEADER, required, description="The `secret` that came with the answer."
    )


class Predictions(PhotoView):
    """Identifies the breed of the dog in each of several photos."""

    serializer_class = PhotoFilesSerializer
    parser_classes = [MultiPartParser, PhotoTextsParser]

    @extend_schema(
        operation_id="predictImages",
        description=f"Identifies the breed of the dog in each of up to {MAX_PHOTOS} photos, which together may be as "
        "large as a single photo (`max_bytes`, `max_pixels`). They are files in the multipart field `image`, or base64 "
        "in JSON. `answers` has an answer or an error for each photo, in order. A photo that cannot be read does not "
        "affect the others: the status is 200. With `same_dog=true`, `dog` is one answer from all photos: "
        "near-duplicates count once, and a photo that seems to show another dog does not count. Where the operator "
        "limits the rate, each photo counts.",
        parameters=[PredictionsOptionsSerializer],
        request={"multipart/form-data": PhotoFilesSerializer, "application/json": PhotoTextsSerializer},
        responses={
            200: AnswersSerializer,
            **UPLOAD_ERRORS,
            400: error("no_image", "too_many_photos", "parse_error", "bad_option"),
            413: error("file_too_large"),
            415: error("unsupported_media_type"),
            429: error("throttled"),
            503: error("busy", "model_unavailable", "keys_unavailable"),
        },
    )
    @not_stored
    def post(self, request: Request) -> Response:
        options = read_options(request, PredictionsOptionsSerializer)
        models = served_models()
        gate().refuse_if_full()
        photos = read_uploads(request)
        self.throttle.count_more(len(photos) - 1)
        with gate().admitted():
            answered = list(answer_photos(photos, models, Wanted.by(options), options["same_dog"]))
        dog = answer_dog(answered) if options["same_dog"] else None
        answers = [found if isinstance(found, PhotoError) else record(found) for found in answered]
        STORING.store(*(answer for answer in answers if isinstance(answer, Prediction)))
        represented = represent(AnswersSerializer, {"answers": answers, "dog": dog})
        top = options.get("top")
        return Response(
            {
                "answers": [shortened(answer, top) for answer in represented["answers"]],
                "dog": dog and shortened(represented["dog"], top),
            }
        )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Counts the outcome for each photo, or of the request if it was refused."""
        if request.method == "POST":
            for outcome in response.data.get("answers", [response.data]):
                metrics.OUTCOMES.labels(outcome.get("code", "answered")).inc()
        return super().finalize_response(request, response, *args, **kwargs)


@revalidated_by_browsers
class StoredPrediction(APIView):
    """An earlier answer, and the feedback on it."""

    @extend_schema(
        operation_id="prediction",
        parameters=[TopSerializer],
        responses={200: StoredPredictionSerializer, 400: error("bad_option"), 404: NOT_FOUND, 503: HISTORY_UNAVAILABLE},
    )
    def get(self, request: Request, id: UUID) -> Response:
        options = read_options(request, TopSerializer)
        return Response(shortened(represent(StoredPredictionSerializer, find(id)), options.get("top")))

    @extend_schema(
        operation_id="deletePrediction",
        description="Deletes a stored answer, with the feedback on it and its photo. Only the sender of the photo may.",
        parameters=[secret_parameter(required=True)],
        responses={204: None, 403: SECRET_NEEDED, 404: NOT_FOUND, 503: HISTORY_UNAVAILABLE},
    )
    def delete(self, request: Request, id: UUID) -> Response:
        prediction = find(id)
        if not has_secret(request, id):
            raise SecretNeeded
        prune(Prediction.objects.filter(pk=prediction.pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PredictionFeedback(GenericAPIView[Any]):
    """Stores whether an answer was right, or what the dog is. Only the sender of the photo may change it later."""

    serializer_class = FeedbackRequestSerializer
    parser_classes = [JSONParser, FormParser, MultiPartParser]

    @extend_schema(
        operation_id="feedback",
        parameters=[secret_parameter(required=False)],
        request=FeedbackRequestSerializer,
        responses={
            200: FeedbackSerializer,
            201: FeedbackSerializer,
            400: error("bad_feedback", "parse_error"),
            403: SECRET_NEEDED,
            404: NOT_FOUND,
            415: error("unsupported_media_type"),
            503: HISTORY_UNAVAILABLE,
        },
    )
    @not_stored
    def post(self, request: Request, id: UUID) -> Response:
        find(id)
        said = request.data  # read before the answer is locked: a client may be slow
        with locked(id) as prediction:
            given = FeedbackRequestSerializer(data=said, context={"prediction": prediction})
            if not given.is_valid():
                raise BadFeedback(given.errors)
            if hasattr(prediction, "feedback") and not has_secret(request, id):
                raise SecretNeeded
            feedback, is_first = Feedback.objects.update_or_create(
                prediction=prediction, defaults={**given.validated_data, "created": timezone.now()}
            )
        if is_first:
            verdict = prediction.verdict or {}
            is_agreed = agrees(verdict, feedback.right, feedback.breed)
            metrics.FEEDBACK.labels(kind_of(verdict), "right" if is_agreed else "wrong").inc()
        return Response(
            represent(FeedbackSerializer, feedback), status.HTTP_201_CREATED if is_first else status.HTTP_200_OK
        )


class PredictionPhoto(PhotoView):
    """Stores a prediction's photo, for training. Post it only with the consent of the person who took it."""

    serializer_class = PhotoUploadSerializer

    @extend_schema(
        operation_id="keepPhoto",
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={
            201: KeptPhotoSerializer,
            **UPLOAD_ERRORS,
            403: error("photos_not_kept"),
            404: NOT_FOUND,
            409: error("another_photo"),
            429: error("throttled"),
            503: error("busy", "history_unavailable", "keys_unavailable"),
        },
    )
    @not_stored
    def post(self, request: Request, id: UUID) -> Response:
        prediction = find(id)
        gate().refuse_if_full()
        kept = keep_photo(prediction, read_upload(request))
        return Response(represent(KeptPhotoSerializer, kept), status.HTTP_201_CREATED)


class Statistics(APIView):
    """How often each breed was answered, how probable the answers were, and how often visitors agreed."""

    @extend_schema(operation_id="stats", responses={200: StatisticsSerializer, 503: HISTORY_UNAVAILABLE})
    def get(self, request: Request) -> Response:
        return Response(represent(StatisticsSerializer, statistics()))
