"""`/api/`, and every address below it that does not exist."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.serializers import ApiRootSerializer


class ApiRoot(APIView):
    """A photo of a dog goes in, its breed comes out. Open `predictImage` to try it, `docs` to read about it."""

    @extend_schema(operation_id="root", responses=ApiRootSerializer)
    def get(self, request: Request) -> Response:
        names = {
            "predictImage": "predict-image",
            "model": "model",
            "stats": "stats",
            "health": "health-ready",
            "schema": "schema",
            "docs": "docs",
        }
        return Response({key: reverse(name, request=request) for key, name in names.items()})


class NothingHere(APIView):
    """Answers for every address under /api/ that leads nowhere."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
