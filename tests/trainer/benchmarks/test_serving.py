"""`manage.py benchmark serving`: a real server, measured for a moment. What is said is checked, not how fast it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.trainer.conftest import BREEDS, draw_dog

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
NOT_ON_A_SERVER = [
    line.split("==")[0].replace("-", "_")
    for line in (ROOT / "requirements" / "train.txt").read_text().splitlines()
    if "==" in line
]
SMALL, LARGE = "500x375", "4000x3000"
SERVED = {"decode", "preprocess", "inference", "in_process", "in_the_view", "whole_request"}


@pytest.fixture(scope="module")
def without_pytorch(tiny_bundle, tmp_path_factory):
    """The report on the tiny bundle where nothing is installed that only training needs."""
    out = tmp_path_factory.mktemp("benchmark") / "speed.json"
    command = ["benchmark", "serving", str(tiny_bundle), "--clients", "1", "2", "--seconds", "0.5", "--out", str(out)]
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({NOT_ON_A_SERVER}));"
        f"from django.core.management import execute_from_command_line as run; run(['manage.py', *{command}])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == f"Results: {out}"
    return json.loads(out.read_text())


def test_a_server_is_measured_without_pytorch(without_pytorch):
    report = without_pytorch
    assert report["pytorch_left_out"] == "it is not installed"
    assert report["photos"]["source"] == "a made-up photo"
    assert report["ready_seconds"] > 0
    assert set(report["stages"]) == {SMALL, LARGE}
    for stages in report["stages"].values():
        assert set(stages) == SERVED
        assert all(stage["repetitions"] >= 5 for stage in stages.values())
        assert all(0 < stage["fastest_ms"] <= stage["p50_ms"] <= stage["p95_ms"] for stage in stages.values())


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_memory_of_the_serving_process_is_measured_before_and_after(without_pytorch):
    for sizes in without_pytorch["memory"].values():
        assert 0 < sizes["pss_mb"] <= sizes["rss_mb"] <= sizes["peak_rss_mb"]
    assert set(without_pytorch["memory"]) == {"after_start", "after_load"}


def test_every_client_gets_breeds_and_nothing_else(without_pytorch):
    assert [entry["clients"] for entry in without_pytorch["load"]] == [1, 2]
    for entry in without_pytorch["load"]:
        assert set(entry["statuses"]) == {"200"}
        assert 0 < entry["p50_ms"] <= entry["p99_ms"]
        engine = max(entry["engine_as_served_per_second"], entry["engine_for_throughput_per_second"])
        assert entry["server_to_engine"] == pytest.approx(entry["requests_per_second"] / engine)


def test_the_ratios_are_quotients_of_the_measurements(trained, tmp_path):
    photo, out = tmp_path / "dog.png", tmp_path / "speed.json"
    draw_dog(BREEDS[0], 0).save(photo)
    call_command("benchmark", "serving", str(trained.run.bundle), photo=photo, clients=[1], seconds=0.2, out=out)
    report = json.loads(out.read_text())
    assert report["photos"]["source"] == "dog.png"
    p50 = {stage: summary["p50_ms"] for stage, summary in report["stages"][SMALL].items()}
    assert report["ratios"] == pytest.approx(
        {
            "whole_request_to_inference": p50["whole_request"] / p50["inference"],
            f"{LARGE}_to_{SMALL}": report["stages"][LARGE]["whole_request"]["p50_ms"] / p50["whole_request"],
            "server_to_engine": report["load"][0]["server_to_engine"],
            "pytorch_eager_to_in_process": p50["pytorch_eager"] / p50["in_process"],
            "pytorch_eager_to_whole_request": p50["pytorch_eager"] / p50["whole_request"],
            "pytorch_load_per_request_to_in_process": p50["pytorch_load_per_request"] / p50["in_process"],
            "pytorch_load_per_request_to_whole_request": p50["pytorch_load_per_request"] / p50["whole_request"],
        }
    )


def test_what_cannot_be_measured_is_refused_with_a_sentence(tmp_path, tiny_bundle):
    with pytest.raises(CommandError, match="there is no such folder"):
        call_command("benchmark", "serving", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match=r"dog\.jpg: .*No such file"):
        call_command("benchmark", "serving", str(tiny_bundle), photo=tmp_path / "dog.jpg")
    with pytest.raises(CommandError, match="above zero"):
        call_command("benchmark", "serving", str(tiny_bundle), seconds=0)
    with pytest.raises(CommandError, match="required: --data"):
        call_command("benchmark", "training")


def test_benchmark_alone_says_what_there_is():
    with pytest.raises(CommandError) as caught:
        call_command("benchmark")
    assert [line.split()[1] for line in str(caught.value).splitlines()[1:]] == [
        "serving",
        "predict",
        "compare",
        "hostile",
        "stalling",
        "growth",
        "training",
        "feature-cache",
    ]
