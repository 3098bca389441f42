"""The served model."""

import gzip
from collections.abc import Iterator

from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.serializers.model import ModelSerializer
from api.serializers.represent import represent
from api.views.caching import revalidated
from api.views.schema import UNAVAILABLE, error
from dogbreed.freshness import FOREVER
from dogbreed.model.classifier import default_classifier

CHUNK_BYTES = 1 << 16  # a client has 30 s for each


@revalidated
class Model(APIView):
    """The served model: the breeds that it knows, and how well it was measured."""

    @extend_schema(operation_id="model", responses={200: ModelSerializer, 503: UNAVAILABLE})
    def get(self, request: Request) -> Response:
        return Response(represent(ModelSerializer, default_classifier()))


class ModelNetwork(APIView):
    """The served model as one file, for programs that run it themselves."""

    @extend_schema(
        operation_id="modelNetwork",
        description="The served model as one file, for programs that run it themselves, such as a browser. "
        "`network.address` in `/api/model` is its address. `dogbreed/model/packed.py` describes the format.",
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            404: error("not_found"),
            503: UNAVAILABLE,
        },
    )
    def get(self, request: Request, digest: str) -> HttpResponseBase:
        packed = default_classifier().for_browsers
        if digest != packed.digest:
            raise Http404
        accepts_gzip = "gzip" in request.headers.get("Accept-Encoding", "gzip")
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        headers["ETag"] = f'"{digest}{"-gzip" if accepts_gzip else ""}"'
        unchanged = get_conditional_response(request._request, headers["ETag"])
        if unchanged is not None:
            return unchanged
        content = packed.gzipped if accepts_gzip else gzip.decompress(packed.gzipped)
        headers["Content-Length"] = str(len(content))
        if accepts_gzip:
            headers["Content-Encoding"] = "gzip"
        return StreamingHttpResponse(_chunks(content), content_type="application/octet-stream", headers=headers)


def _chunks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]


class ModelReport(APIView):
    """The evaluation report in the bundle: an HTML page without scripts."""

    schema = None

    def get(self, request: Request) -> FileResponse:
        report = default_classifier().bundle.report
        if report is None:
            raise Http404
        return FileResponse(report.open("rb"), content_type="text/html; charset=utf-8")
