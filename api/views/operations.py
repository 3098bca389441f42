"""For operators: health and metrics."""

from ipaddress import ip_network

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.addresses import client_address
from api.metrics import exposition
from api.serializers.operations import HealthSerializer, ReadySerializer
from api.serializers.represent import represent
from api.views.schema import UNAVAILABLE
from dogbreed.model.classifier import Classifier, served_models


class Live(APIView):
    """Whether the process answers at all. Restart it if it does not."""

    @extend_schema(operation_id="live", responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        return Response(represent(HealthSerializer, {"status": "live"}))


class Ready(APIView):
    """Whether photos can be answered: the model is loaded and has passed its golden check."""

    @extend_schema(operation_id="ready", responses={200: ReadySerializer, 503: UNAVAILABLE})
    def get(self, request: Request) -> Response:
        models = served_models()
        trial = models.trial and {"model": _name(models.trial), "share": models.share}
        ready = {
            "status": "ready",
            "model": _name(models.model),
            "precision": models.model.engine.precision,
            "trial": trial,
            "refused": bool(models.refused),
        }
        return Response(represent(ReadySerializer, ready))


def _name(model: Classifier) -> dict[str, str]:
    return {"name": model.config.name, "version": model.config.version, "digest": model.bundle.digest}


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, only for the networks that the settings name, and never through a proxy."""
    if "HTTP_X_FORWARDED_FOR" in request.META or not _is_inside(request.META.get("REMOTE_ADDR", "")):
        raise Http404
    return HttpResponse(exposition(settings.PROMETHEUS_MULTIPROC_DIR), content_type=CONTENT_TYPE_LATEST)


def _is_inside(address: str) -> bool:
    client = client_address(address)
    if client is None:  # a Unix socket has no address; its clients are on this machine
        return address == ""
    return any(client in ip_network(network) for network in settings.DOGBREED_METRICS_FROM)
