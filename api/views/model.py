"""The served model: what it knows and how well it was measured."""

from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.serializers import ModelSerializer
from api.views.schema import UNAVAILABLE
from dogbreed.answers.breeds import catalogue, display_name
from dogbreed.model.classifier import Classifier, default_classifier


class Model(APIView):
    """The model that answers here: its breeds, and how good it was found to be."""

    @extend_schema(operation_id="model", responses={200: ModelSerializer, 503: UNAVAILABLE})
    def get(self, request: Request) -> Response:
        classifier = default_classifier()
        config = classifier.config
        return Response(
            {
                "name": config.name,
                "version": config.version,
                "input_size": config.input_size,
                "breeds": [_described(label) for label in config.label_names],
                "metrics": {name: metrics.model_dump() for name, metrics in config.metrics.items()},
                "card": classifier.bundle.card,
                "report": reverse("model-report") if classifier.bundle.report else None,
                "trust": _trust(classifier),
            }
        )


def _described(label: str) -> dict[str, Any]:
    known = catalogue().get(label)
    return {
        "breed": label,
        "name": display_name(label),
        "group": known.group if known else "",
        "aliases": known.aliases if known else (),
    }


def _trust(classifier: Classifier) -> dict[str, Any]:
    c = classifier.config.calibration
    return {
        "shortlist_coverage": c.shortlist and c.shortlist.coverage,
        "precision": c.verdict and c.verdict.precision,
        "dogs_kept": c.dog and c.dog.kept,
        "explains": classifier.explains,
        "photos": c.verdict and c.verdict.photos,
    }


class ModelReport(APIView):
    """The evaluation's report, as the bundle has it: a page without scripts."""

    schema = None

    def get(self, request: Request) -> FileResponse:
        report = default_classifier().bundle.report
        if report is None:
            raise Http404
        return FileResponse(report.open("rb"), content_type="text/html; charset=utf-8")
