"""`/api/`, and every address below it that does not exist."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.serializers.represent import represent
from api.serializers.root import ApiRootSerializer

NAMES = {
    "predictImage": "predict-image",
    "model": "model",
    "stats": "stats",
    "health": "health-ready",
    "schema": "schema",
    "docs": "docs",
}


class ApiRoot(APIView):
    """Identifies the breed of the dog in a photo. Try it at `predictImage`, read about it at `docs`."""

    @extend_schema(operation_id="root", responses=ApiRootSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            represent(ApiRootSerializer, {key: reverse(name, request=request) for key, name in NAMES.items()})
        )


class NothingHere(APIView):
    """Answers every address below /api/ that does not exist."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
