import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image
from safetensors.torch import load_file

from dogbreed.answers.outputs import INPUT, OUTPUT
from dogbreed.model.bundle import read_bundle
from dogbreed.model.engines import ENGINES, OpenVINOEngine
from dogbreed.model.engines.onnxruntime import open_session
from dogbreed.photos.preprocessing import to_input
from tests.trainer.conftest import BREEDS, draw_dog
from trainer.bundles.onnx_int8 import spread_over_breeds, weight_steps, write_int8
from trainer.photos.folders import find_photos
from trainer.photos.reading import read_photo

ROOT = Path(__file__).parents[3]


def export(source: Path, out: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """In a separate process: one that has trained and exported cannot start another process."""
    command = [sys.executable, "manage.py", "export", str(source), str(out), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def export_int8(source: Path, out: Path, data: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return export(source, out, "--int8", "--data", str(data), *options)


@pytest.fixture(scope="module")
def int8(trained, tmp_path_factory):
    """What `manage.py export --int8` makes of a bundle. One of the 30 test photos is 3.3 percentage points."""
    out = tmp_path_factory.mktemp("models") / "int8"
    options = ("--calibration-photos", "30", "--max-loss", "7", "--describe", "Made-up breeds")
    done = export_int8(trained.run.bundle, out, trained.data, *options)
    assert done.returncode == 0, done.stderr
    return out


def predicted(bundle: Path, folder: Path, **environment: str) -> list[dict[str, Any]]:
    """What `manage.py predict` says of one drawn dog of each breed."""
    for breed in BREEDS:
        draw_dog(breed, seed=424_242).save(folder / f"{breed}.png")
    done = subprocess.run(
        [sys.executable, "manage.py", "predict", str(folder), "--format", "json"],
        cwd=ROOT,
        env={**os.environ, "DOGBREED_BUNDLE": str(bundle), "DOGBREED_PRECISION": "float32", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_int8_bundle_answers_as_the_original_does_with_either_engine(trained, int8, tmp_path, engine):
    quantized = predicted(int8, tmp_path, DOGBREED_ENGINE=engine)
    original = predicted(trained.run.bundle, tmp_path, DOGBREED_ENGINE=engine)
    assert [answer["breed"] for answer in quantized] == [answer["breed"] for answer in original] == sorted(BREEDS)


def test_an_int8_bundle_records_how_it_was_made_and_its_accuracy(trained, int8):
    original, config = read_bundle(trained.run.bundle).config, read_bundle(int8).config
    assert read_bundle(int8).is_listed
    assert original.quantization is None
    assert config.quantization is not None
    assert config.quantization.kind == "int8"
    assert config.quantization.calibration_photos == 30
    assert config.version == f"{original.version}+int8"
    assert list(config.metrics) == ["test"]
    change = config.metrics["test"].top1 - original.metrics["test"].top1
    assert config.quantization.top1_change == pytest.approx(change, abs=1e-6)
    card = (int8 / "MODEL_CARD.md").read_text()
    assert "quantized to int8" in card
    assert "| Made-up breeds | 30 | 3 |" in card


def test_an_int8_network_is_smaller_and_its_weights_stay_as_trained(trained, int8):
    in_float32 = sum(4 * tensor.numel() for tensor in load_file(trained.run.bundle / "weights.safetensors").values())
    assert (int8 / "model.onnx").stat().st_size < 0.5 * in_float32
    name = "weights.safetensors"
    assert (int8 / name).read_bytes() == (trained.run.bundle / name).read_bytes()


def test_an_int8_bundle_exported_again_is_the_float32_network(trained, int8, tmp_path):
    done = export(int8, tmp_path / "again")
    assert done.returncode == 0, done.stderr
    original = read_bundle(trained.run.bundle).config
    assert read_bundle(tmp_path / "again").config == original.model_copy(update={"metrics": {}})
    photos = tmp_path / "photos"
    photos.mkdir()
    for mine, other in zip(predicted(tmp_path / "again", photos), predicted(trained.run.bundle, photos), strict=True):
        assert mine["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


def test_a_run_can_be_exported_as_int8(trained, tmp_path):
    done = export_int8(trained.run.path, tmp_path / "int8", trained.data, "--max-loss", "7")
    assert done.returncode == 0, done.stderr
    assert read_bundle(tmp_path / "int8").config.quantization is not None


def test_an_int8_network_that_loses_too_much_is_refused_and_leaves_no_files(trained, tmp_path):
    """Its ranges come from black photos and do not fit others."""
    data, out = tmp_path / "data", tmp_path / "models" / "int8"
    shutil.copytree(trained.data, data)
    for photo in find_photos(data / "train"):
        Image.new("RGB", (96, 80)).save(photo.path)
    done = export_int8(trained.run.bundle, out, data, "--calibration-photos", "3")
    assert done.returncode == 1
    assert re.search(r"Quantization loses more than 0\.5 percentage points: top-1 .* in int8", done.stderr)
    assert list(out.parent.iterdir()) == []


def test_options_that_do_not_fit_together_are_refused_before_any_work(trained, int8, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(CommandError, match="Give --data with --int8"):
        call_command("export", trained.run.bundle, out, int8=True)
    with pytest.raises(CommandError, match="give it together with --data and without --int8"):
        call_command("export", trained.run.bundle, out, weights=out)
    with pytest.raises(CommandError, match="is int8 already"):
        call_command("export", int8, out, int8=True, data=trained.data)
    with pytest.raises(CommandError, match="not overwritten"):
        call_command("export", trained.run.bundle, int8, int8=True, data=trained.data)
    with pytest.raises(CommandError, match="at least 1, not 0"):
        call_command("export", trained.run.bundle, out, int8=True, data=trained.data, calibration_photos=0)
    assert not out.exists()


@pytest.mark.slow
def test_openvino_computes_the_bundled_network_in_int8_as_it_is_written(tmp_path):
    for number in range(12):
        folder = tmp_path / "photos" / BREEDS[number % len(BREEDS)]
        folder.mkdir(parents=True, exist_ok=True)
        draw_dog(folder.name, seed=number).save(folder / f"{number}.png")
    photos = find_photos(tmp_path / "photos")
    bundle = read_bundle(ROOT / "models" / "default")
    write_int8(bundle, photos, tmp_path / "model.onnx")
    batch = [to_input(read_photo(photo.path, bundle.config), bundle.config)[None] for photo in photos]
    session = open_session(tmp_path / "model.onnx", as_written=True)
    expected = np.concatenate([session.run([OUTPUT], {INPUT: image})[0] for image in batch])
    engine = OpenVINOEngine(tmp_path / "model.onnx", bundle.config, "float32")
    logits = np.concatenate([engine.outputs(image)[OUTPUT] for image in batch])
    assert np.linalg.norm(logits - expected) < 0.15 * np.linalg.norm(expected - expected.mean(axis=1, keepdims=True))


def test_calibration_photos_are_spread_over_the_breeds(organized):
    chosen = spread_over_breeds(find_photos(organized / "train"), 8)
    assert sorted(sum(photo.breed == breed for photo in chosen) for breed in BREEDS) == [2, 3, 3]
    assert len(set(chosen)) == 8
    assert len(spread_over_breeds(chosen, 100)) == 8


def test_no_two_adjacent_weights_overflow_sixteen_bits():
    weights = np.random.default_rng(0).normal(size=(20, 6, 3, 3)).astype(np.float32)
    weights[3] = 0
    steps = weight_steps(weights)
    int8 = np.abs(np.round(weights / steps[:, None, None, None])).transpose(0, 2, 3, 1).reshape(20, -1)
    assert int8.max() <= 127
    assert 255 * (int8[:, :-1] + int8[:, 1:]).max() < 2**15
    depthwise = weights[:, :1]
    assert np.abs(np.round(depthwise / weight_steps(depthwise)[:, None, None, None])).max() == 127
