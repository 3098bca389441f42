"""JSON by another library is the JSON that DRF and Django write."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer

from api.fast_json import FastJSONRenderer
from api.models import Prediction

VALUES = [
    {
        "breed": "Löwchen",
        "text": 'a "quoted" text, \\ and <tags>',
        "probability": 0.1 + 0.2,
        "none": None,
        "line": "\u2028\u2029",
    },
    {"small": 1.5e-17, "whole": 12, "yes": True, "nested": [[], {}, [{"a": [0.25]}]]},
    {"detail": ErrorDetail("wrong", code="bad"), "late": gettext_lazy("A photo.")},
    {"id": UUID(int=7), "created": datetime(2026, 11, 29, 12, 30, tzinfo=UTC)},
    [],
]


@pytest.mark.parametrize("value", VALUES)
def test_an_answer_is_what_drf_would_write_byte_for_byte(value):
    assert FastJSONRenderer().render(value) == JSONRenderer().render(value)


def test_nothing_is_no_text_and_an_indent_is_given_on_request():
    assert FastJSONRenderer().render(None) == b""
    assert FastJSONRenderer().render({"a": 1}, "application/json; indent=4") == b'{\n    "a": 1\n}'


@pytest.mark.django_db
def test_columns_keep_their_values_and_the_database_is_not_changed():
    verdict = {"text": "Löwchen “?” \u2028", "probability": 0.1 + 0.2, "breeds": [{"breed": "lowchen"}]}
    sizes = {"width": 1, "height": 1, "decode_ms": 1.0, "inference_ms": 1.0, "elapsed_ms": 2.0}
    row = Prediction.objects.create(breed="a", probability=1.0, probabilities={"a": 1.0}, verdict=verdict, **sizes)
    assert Prediction.objects.get(pk=row.pk).verdict == verdict
    assert Prediction.objects.get(verdict__breeds__0__breed="lowchen").pk == row.pk
    call_command("makemigrations", check=True, dry_run=True)
