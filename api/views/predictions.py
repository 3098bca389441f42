"""Answers that were given, what visitors said of them, and what can be counted about both."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.exceptions import NoSuchPrediction
from api.feedback import give_feedback
from api.history import as_stored_answer, find
from api.kept_photos import keep_photo
from api.models import Prediction
from api.serializers import (
    FeedbackRequestSerializer,
    FeedbackSerializer,
    KeptPhotoSerializer,
    PhotoUploadSerializer,
    StatisticsSerializer,
    StoredPredictionSerializer,
)
from api.statistics import statistics
from api.uploads import read_upload
from api.views.schema import HISTORY_UNAVAILABLE, UPLOAD_ERRORS, error

NOT_FOUND = error("prediction_not_found")


def _find(identifier: UUID) -> Prediction:
    try:
        return find(identifier)
    except Prediction.DoesNotExist:
        raise NoSuchPrediction from None


class StoredPrediction(APIView):
    """An answer that was given before, and what has been said of it."""

    @extend_schema(
        operation_id="prediction",
        responses={200: StoredPredictionSerializer, 404: NOT_FOUND, 503: HISTORY_UNAVAILABLE},
    )
    def get(self, request: Request, id: UUID) -> Response:
        return Response(as_stored_answer(_find(id)))


class PredictionFeedback(GenericAPIView[Any]):
    """Says whether an answer was right, or what the dog is. A second opinion replaces the first."""

    serializer_class = FeedbackRequestSerializer
    parser_classes = [JSONParser, FormParser, MultiPartParser]

    @extend_schema(
        operation_id="feedback",
        request=FeedbackRequestSerializer,
        responses={
            200: FeedbackSerializer,
            201: FeedbackSerializer,
            400: error("bad_feedback", "parse_error"),
            404: NOT_FOUND,
            415: error("unsupported_media_type"),
            503: HISTORY_UNAVAILABLE,
        },
    )
    def post(self, request: Request, id: UUID) -> Response:
        feedback, is_first = give_feedback(_find(id), request.data)
        answer = {"breed": feedback.breed, "right": feedback.right, "created": feedback.created}
        return Response(answer, status.HTTP_201_CREATED if is_first else status.HTTP_200_OK)


class PredictionPhoto(GenericAPIView[Any]):
    """Gives a prediction's photo to the operator, for training. Post it only when whoever took it agrees."""

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
            503: HISTORY_UNAVAILABLE,
        },
    )
    def post(self, request: Request, id: UUID) -> Response:
        kept = keep_photo(_find(id), read_upload(request))
        return Response({"prediction": kept.prediction_id, "created": kept.created}, status.HTTP_201_CREATED)


class Statistics(APIView):
    """How often which breed was answered, how sure the answers were, and how often people agreed."""

    @extend_schema(operation_id="stats", responses={200: StatisticsSerializer, 503: HISTORY_UNAVAILABLE})
    def get(self, request: Request) -> Response:
        return Response(statistics())
