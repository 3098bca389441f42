"""`manage.py benchmark growth`, for a moment. What is said is checked, not how fast it is."""

import json
import re
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from trainer.benchmarks.growth_photos import size_of
from trainer.benchmarks.growth_rate import PARTS, growth

SMALL = {"megapixels": [0.1], "clients": [12, 1, 12], "classes": [2, 3], "stored": [0, 10]}


@pytest.mark.slow
def test_all_parts_are_measured_and_written(tiny_bundle, tmp_path, capsys, monkeypatch, settings):
    monkeypatch.setenv("DOGBREED_MAX_PENDING", "1")
    settings.DOGBREED_MAX_PENDING = 1
    out = tmp_path / "growth"
    call_command("benchmark", "growth", str(tiny_bundle), out=out, seconds=0.1, **SMALL)
    assert sorted(path.name for path in out.iterdir()) == ["growth.html", "growth.json"]
    report = json.loads((out / "growth.json").read_text())
    parts = report["parts"]
    assert list(parts) == ["photos", "clients", "classes", "stored"]
    inputs = {name: [point[PARTS[name].key] for point in part["points"]] for name, part in parts.items()}
    assert inputs == {"photos": [0.1], "clients": [1, 12], "classes": [2, 3], "stored": [0, 10]}

    photo = parts["photos"]["points"][0]
    assert photo["size"] == "365x273"
    assert 0 < photo["decode_ms"] < photo["in_process_ms"]
    assert photo["times_500x375"] > 0

    alone, many = parts["clients"]["points"]
    assert set(alone["statuses"]) == {"200"}
    assert alone["answers_per_second"] == alone["requests_per_second"] > 0 == alone["busy_per_second"]
    assert set(many["statuses"]) == {"200", "503"}  # the second is expected, and said to be
    assert many["answers_per_second"] > 0 < many["busy_per_second"]
    assert 0 < many["answer_p50_ms"] <= many["answer_p99_ms"]
    assert alone["busy_p50_ms"] is None
    assert many["busy_p50_ms"] > 0
    assert "503 (busy) is no failure. At most 1 photos run or wait" in parts["clients"]["notes"][1]
    assert len(parts["clients"]["notes"]) == 2

    two, three = parts["classes"]["points"]
    assert 0 < two["answer_bytes"] < three["answer_bytes"]
    assert two["whole_request_ms"] > two["in_the_view_ms"] > 0

    for point in parts["stored"]["points"]:
        assert point["at_most"] > point["stored"]
        assert all(point[f"{name}_ms"] > 0 for name in ("whole_request", "stored_answer", "stats", "stats_refresh"))

    said, page = capsys.readouterr().out, (out / "growth.html").read_text()
    for name, part in parts.items():
        assert [judged["cost"] for judged in part["growth"]] == [cost.key for cost in PARTS[name].costs]
        for sentence in [judged["sentence"] for judged in part["growth"]]:
            assert sentence in said
            assert sentence in page
    assert page.count("<svg") == 6
    assert not re.search(r"(src|href)=\"(?!#)", page.replace("xlink:", ""))  # self-contained
    assert said.splitlines()[-1] == f"Results: {out / 'growth.html'}"

    with pytest.raises(CommandError, match="exists already and is not overwritten"):
        call_command("benchmark", "growth", str(tiny_bundle), out=out, seconds=0.1, **SMALL)


@pytest.mark.slow
def test_what_was_measured_survives_a_part_that_fails(tiny_bundle, tmp_path, monkeypatch):
    out = tmp_path / "growth"
    chosen = {"parts": ["classes", "clients"], "clients": [1], "seconds": 0.1}
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setenv("DOGBREED_MAX_PIXELS", "1")  # the server refuses every photo
    with pytest.raises(CommandError, match="status 413"):
        call_command("benchmark", "growth", str(tiny_bundle), out=out, **chosen)
    parts = json.loads((out / "growth.json").read_text())["parts"]
    assert parts == {"classes": {"points": [], "growth": [], "notes": [parts["classes"]["notes"][0]]}}
    assert "PyTorch" in parts["classes"]["notes"][0]
    assert "is not installed" in (out / "growth.html").read_text()


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((10, 100), "no faster than the photo: from 2 to 20 megapixels"),
        ((10, 200), "grows faster"),
        ((9, 3), "no faster"),
    ],
)
def test_growth_is_the_slope_between_the_two_largest_inputs(times, said):
    points = [{"megapixels": size, "in_process_ms": ms} for size, ms in zip((1, 2, 20), (7, *times), strict=True)]
    (judged,) = growth(PARTS["photos"], points)
    assert said in judged["sentence"]
    assert (judged["slope"] > 1) == (times[1] == 200)


def test_inputs_that_make_no_sense_are_refused_before_anything_is_written(tiny_bundle, tmp_path):
    for wrong, said in (
        ({"megapixels": [81]}, "--megapixels takes sizes of photos from 0.01 to 80, not 81."),
        ({"clients": [0]}, "--clients takes numbers of simultaneous clients from 1 to 500, not 0."),
        ({"classes": [1]}, "--classes takes numbers of classes from 2 to 100,000, not 1."),
        ({"stored": [-1]}, "--stored takes numbers of stored answers from 0 to 1,000,000, not -1."),
        ({"seconds": 0}, "--seconds must be above zero."),
    ):
        with pytest.raises(CommandError, match=re.escape(said)):
            call_command("benchmark", "growth", str(tiny_bundle), out=tmp_path / "growth", **wrong)
    with pytest.raises(CommandError, match="there is no such folder"):
        call_command("benchmark", "growth", str(tmp_path / "nowhere"), out=tmp_path / "growth")
    assert not (tmp_path / "growth").exists()


def test_without_matplotlib_one_sentence_says_so(tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CommandError, match="matplotlib, which is not installed"):
        call_command("benchmark", "growth", str(tiny_bundle), out=tmp_path / "growth")


def test_a_photo_has_at_most_the_pixels_that_are_asked_for(settings):
    width, height = size_of(settings.DOGBREED_MAX_PIXELS / 1e6)
    assert 0.99 * settings.DOGBREED_MAX_PIXELS < width * height <= settings.DOGBREED_MAX_PIXELS
