import json
import logging
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

from dogbreed.answers.outputs import INPUT, OUTPUT
from dogbreed.model.bundle import BundleError, read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import ENGINES, OpenVINOEngine
from dogbreed.model.engines.onnxruntime import open_session
from dogbreed.model.file_digests import write_digests
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
def test_an_int8_network_answers_as_the_original_does_with_either_engine(trained, int8, tmp_path, engine):
    quantized = predicted(int8, tmp_path, DOGBREED_ENGINE=engine, DOGBREED_PRECISION="int8")
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


def test_an_int8_network_lies_beside_the_trained_one_and_shares_its_weights(trained, int8):
    weights = (int8 / "weights.safetensors").stat().st_size
    assert (int8 / "model_int8.onnx").stat().st_size < 0.25 * weights
    for name in ("model.onnx", "weights.safetensors"):
        assert (int8 / name).read_bytes() == (trained.run.bundle / name).read_bytes()


def test_a_server_prefers_int8_and_computes_the_trained_network_if_asked_to(trained, int8):
    assert Classifier.load(int8).engine.precision == "int8"
    photo = draw_dog(BREEDS[0], seed=1)
    in_float32 = Classifier.load(int8, "float32")
    assert in_float32.engine.precision == "float32"
    original = Classifier.load(trained.run.bundle, "float32").classify(photo).probabilities
    np.testing.assert_array_equal(in_float32.classify(photo).probabilities, original)


def test_an_int8_network_that_computes_something_else_here_is_not_served(int8, tmp_path, change_json, caplog):
    bundle = tmp_path / "bundle"
    shutil.copytree(int8, bundle)
    golden = json.loads((bundle / "golden.json").read_text())
    golden["int8"]["cases"][0]["logits"][0] += 10 * golden["int8"]["tolerance"]
    change_json(bundle / "golden.json", **golden)
    write_digests(bundle)
    caplog.set_level(logging.INFO, "dogbreed")
    assert Classifier.load(bundle).engine.precision != "int8"
    assert caplog.messages == ["The model does not run in int8 here, or not accurately enough."]
    with pytest.raises(BundleError, match=r"does not reproduce its golden outputs: .* in int8"):
        Classifier.load(bundle, "int8")


def test_a_bundle_without_an_int8_network_says_how_to_make_one(trained):
    with pytest.raises(BundleError, match=r"has no model_int8\.onnx\. .* manage\.py export BUNDLE OUT --int8"):
        Classifier.load(trained.run.bundle, "int8")


def test_a_bundle_of_an_earlier_version_whose_only_network_is_int8_is_served(int8, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(int8, bundle)
    (bundle / "model_int8.onnx").replace(bundle / "model.onnx")
    golden = json.loads((bundle / "golden.json").read_text())
    own = golden.pop("int8")
    golden |= {"tolerance": {"float32": own["tolerance"]}, "cases": own["cases"], "photos": []}
    (bundle / "golden.json").write_text(json.dumps(golden))
    write_digests(bundle)
    photo = draw_dog(BREEDS[1], seed=1)
    answered = Classifier.load(bundle, "float32").classify(photo).probabilities
    np.testing.assert_allclose(answered, Classifier.load(int8, "int8").classify(photo).probabilities, atol=1e-5)


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
    with pytest.raises(CommandError, match="has an int8 network already"):
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
    shutil.copyfile(bundle.weights, tmp_path / "weights.safetensors")
    write_int8(bundle, photos, tmp_path / "model_int8.onnx")
    batch = [to_input(read_photo(photo.path, bundle.config), bundle.config)[None] for photo in photos]
    session = open_session(tmp_path / "model_int8.onnx", as_written=True)
    expected = np.concatenate([session.run([OUTPUT], {INPUT: image})[0] for image in batch])
    engine = OpenVINOEngine(tmp_path / "model_int8.onnx", bundle.config, "int8")
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
