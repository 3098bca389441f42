"""The image `api`: a folder with what deploy/Dockerfile copies, on a Python without the packages that train."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.image_files import copy_as_in_dockerfile
from tests.deploy.stack import DEPLOY
from tests.http import RED_JPEG, ROOT

TRAINING_PACKAGES = re.findall(r"^([\w-]+)==", (ROOT / "requirements" / "train.txt").read_text(), re.MULTILINE)


def stages() -> dict[str, list[tuple[list[str], str]]]:
    """What each stage of the Dockerfile copies out of the repository: names and target."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    found: dict[str, list[tuple[list[str], str]]] = {}
    for line in text.splitlines():
        if stage := re.match(r"FROM \S+ AS (\S+)", line):
            found[stage[1]] = copies = []
        elif (words := line.split())[:1] == ["COPY"] and not words[1].startswith("--from"):
            copies.append((words[1:-1], words[-1]))
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    folder = tmp_path_factory.mktemp("image") / "app"
    folder.mkdir()
    for names, target in stages()["api"]:
        for name in names:
            copy_as_in_dockerfile(name, target, folder)
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Runs Python in the image's folder. Packages that only training needs cannot be imported there."""
    site = tmp_path_factory.mktemp("site")
    missing = [name.replace("-", "_") for name in TRAINING_PACKAGES]
    (site / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({missing}))\n")
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH", "HOME")}
    environment = {**kept, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1", "DOGBREED_VAR": str(site / "var")}

    def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, env=environment)

    return run


@pytest.mark.parametrize("name", [name for copies in stages().values() for names, _ in copies for name in names])
def test_the_builder_is_given_what_the_dockerfile_copies(name):
    assert (ROOT / name).exists()
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert any(name == line or name.startswith(f"{line}/") for line in sent)


def test_the_image_has_no_training_code(image):
    parts = {path.name for path in (image / "trainer").iterdir() if path.is_dir()}
    assert parts == {"management", "photos", "benchmarks", "prediction"}
    assert not (image / "trainer" / "benchmarks" / "training.py").exists()


def test_the_image_can_serve(image, python):
    done = python(image, "-c", "import dogbreed.wsgi")
    assert done.returncode == 0, done.stderr
    assert "Serving " in done.stderr


def test_the_image_passes_the_system_check(image, python):
    done = python(image, "manage.py", "check")
    assert "no issues" in done.stdout, done.stderr


def test_the_image_has_the_commands_that_need_no_training(image, python):
    listed = python(image, "manage.py", "help").stdout.split("[trainer]")[1].split("\n\n")[0].split()
    assert listed == ["benchmark", "predict"]


def test_the_image_names_the_breed_in_a_photo(image, python, tmp_path):
    (tmp_path / "dog.jpg").write_bytes(RED_JPEG)
    done = python(image, "manage.py", "predict", str(tmp_path / "dog.jpg"), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["probabilities"]) == 120


def test_the_image_writes_a_file_and_says_what_parquet_and_stores_need(image, python, tmp_path, tiny_bundle):
    (tmp_path / "dog.jpg").write_bytes(RED_JPEG)
    words = ["manage.py", "predict", "--bundle", str(tiny_bundle), "--output"]
    done = python(image, *words, str(tmp_path / "out.csv"), str(tmp_path / "dog.jpg"))
    assert done.returncode == 0, done.stderr
    assert "red_hound" in (tmp_path / "out.csv").read_text()
    done = python(image, *words, str(tmp_path / "out.parquet"), str(tmp_path / "dog.jpg"))
    assert "pip install 'pyarrow'" in done.stderr
    done = python(image, *words, str(tmp_path / "more.csv"), "s3://bucket/dogs")
    assert "pip install 'fsspec'" in done.stderr


def test_the_image_measures_its_speed(image, python, tiny_bundle, tmp_path):
    out = tmp_path / "speed.json"
    words = ["benchmark", "serving", str(tiny_bundle), "--clients", "1", "--seconds", "0.5", "--out", str(out)]
    done = python(image, "manage.py", *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text())["load"][0]["requests_per_second"] > 0


def test_measuring_training_there_says_what_is_missing(image, python):
    done = python(image, "manage.py", "benchmark", "training", "--data", "photos")
    assert done.returncode == 1
    assert "make install" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_needs_nothing_of_the_trainer(image, python, tmp_path):
    shutil.copytree(image, tmp_path / "app", ignore=shutil.ignore_patterns("trainer"))
    done = python(tmp_path / "app", "-c", "import dogbreed.wsgi")
    assert done.returncode == 0, done.stderr
    assert "Serving " in done.stderr
