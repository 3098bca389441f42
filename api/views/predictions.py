"""Stored answers, feedback on them, kept photos and statistics."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.exceptions import BadFeedback, NoSuchPrediction
from api.history import find
from api.kept_photos import keep_photo
from api.models import Feedback, Prediction
from api.serializers.predict_image import PhotoUploadSerializer
from api.serializers.predictions import (
    FeedbackRequestSerializer,
    FeedbackSerializer,
    KeptPhotoSerializer,
    StatisticsSerializer,
    StoredPredictionSerializer,
)
from api.serializers.represent import represent
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
    """An earlier answer, and the feedback on it."""

    @extend_schema(
        operation_id="prediction",
        responses={200: StoredPredictionSerializer, 404: NOT_FOUND, 503: HISTORY_UNAVAILABLE},
    )
    def get(self, request: Request, id: UUID) -> Response:
        return Response(represent(StoredPredictionSerializer, _find(id)))


class PredictionFeedback(GenericAPIView[Any]):
    """Stores whether an answer was right, or what the dog is. Later feedback replaces earlier feedback."""

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
        prediction = _find(id)
        given = FeedbackRequestSerializer(data=request.data, context={"prediction": prediction})
        if not given.is_valid():
            raise BadFeedback(given.errors)
        feedback, is_first = Feedback.objects.update_or_create(
            prediction=prediction, defaults={**given.validated_data, "created": timezone.now()}
        )
        return Response(
            represent(FeedbackSerializer, feedback), status.HTTP_201_CREATED if is_first else status.HTTP_200_OK
        )


class PredictionPhoto(GenericAPIView[Any]):
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
            503: HISTORY_UNAVAILABLE,
        },
    )
    def post(self, request: Request, id: UUID) -> Response:
        kept = keep_photo(_find(id), read_upload(request))
        return Response(represent(KeptPhotoSerializer, kept), status.HTTP_201_CREATED)


class Statistics(APIView):
    """How often each breed was answered, how probable the answers were, and how often visitors agreed."""

    @extend_schema(operation_id="stats", responses={200: StatisticsSerializer, 503: HISTORY_UNAVAILABLE})
    def get(self, request: Request) -> Response:
        return Response(represent(StatisticsSerializer, statistics()))
