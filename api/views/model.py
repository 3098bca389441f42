"""The served model."""

from django.http import FileResponse, Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.serializers.model import ModelSerializer
from api.serializers.represent import represent
from api.views.caching import revalidated
from api.views.schema import UNAVAILABLE
from dogbreed.model.classifier import default_classifier


@revalidated
class Model(APIView):
    """The served model: the breeds that it knows, and how well it was measured."""

    @extend_schema(operation_id="model", responses={200: ModelSerializer, 503: UNAVAILABLE})
    def get(self, request: Request) -> Response:
        return Response(represent(ModelSerializer, default_classifier()))


class ModelReport(APIView):
    """The evaluation report in the bundle: an HTML page without scripts."""

    schema = None

    def get(self, request: Request) -> FileResponse:
        report = default_classifier().bundle.report
        if report is None:
            raise Http404
        return FileResponse(report.open("rb"), content_type="text/html; charset=utf-8")
