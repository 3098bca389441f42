"""`manage.py benchmark predict`, for a moment. What is said is checked, not how fast it is."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.image_files import RED, encoded, plain

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("given", [True, False])
def test_predict_is_measured_beside_the_engine_alone(tiny_bundle, tmp_path, capsys, given):
    out = tmp_path / "speed.json"
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "red.png").write_bytes(encoded(plain(RED), "PNG"))
    photos = tmp_path / "photos" if given else None
    call_command("benchmark", "predict", str(tiny_bundle), photos=photos, number=3, out=out)
    report = json.loads(out.read_text())
    assert set(report["per_second"]) == {"predict", "bare_loop", "decoding", "engine_alone", "engine_as_served"}
    assert all(rate > 0 for rate in report["per_second"].values())
    assert report["processor_ms"].keys() == report["per_second"].keys()
    for ratio in report["ratios"].values():
        assert 0 < ratio["first_quartile"] <= ratio["median"] <= ratio["third_quartile"]
    assert "predict to engine alone" in capsys.readouterr().out


def test_nothing_is_measured_without_photos(tiny_bundle):
    with pytest.raises(CommandError, match="above zero"):
        call_command("benchmark", "predict", str(tiny_bundle), number=0)
