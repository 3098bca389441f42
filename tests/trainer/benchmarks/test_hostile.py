"""`manage.py benchmark hostile`: a few files. What is said is checked, not how fast it is."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from trainer.benchmarks.hostile import HONEST
from trainer.benchmarks.hostile_photos import MAKERS

pytestmark = pytest.mark.slow


def test_hostile_files_are_measured_beside_honest_photos(tiny_bundle, tmp_path, settings, capsys):
    settings.DOGBREED_MAX_PIXELS = 640 * 480
    out = tmp_path / "hostile.json"
    call_command("benchmark", "hostile", str(tiny_bundle), "--files", "12", "--seed", "1", "--out", str(out))
    report = json.loads(out.read_text())
    assert [(photo["name"], photo["outcome"]) for photo in report["honest"]] == [(name, "answered") for name in HONEST]
    assert [file["name"] for file in report["hostile"]] == sorted(MAKERS)[:12]
    assert {file["outcome"] for file in report["hostile"]} <= {"answered", "too_complex", "broken_image"}
    assert all(file["seconds"] >= 0 and file["bytes"] > 0 for file in report["hostile"])
    refused = {cost["name"]: (cost["status"], cost["answer"]) for cost in report["requests"]}
    assert {status for status, _ in refused.values()} <= {200, 400, 404, 411, 413, 414, 415, 431}
    assert refused["JSON nested 100,000 deep"] == (400, "1 parse_error")
    assert refused["20 MB that are not base64"] == (200, "1 not_base64")
    table = capsys.readouterr().out
    assert all(name in table for name in [*HONEST, *sorted(MAKERS)[:12], *refused])


def test_a_number_of_files_that_makes_no_sense_is_refused(tiny_bundle):
    with pytest.raises(CommandError, match="--files must be above zero"):
        call_command("benchmark", "hostile", str(tiny_bundle), "--files", "0")
