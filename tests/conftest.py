"""A tiny bundle that needs neither training nor torch: the mean colour of a photo decides between three classes."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from django.core.cache import cache
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from dogbreed.answers.calibration import (
    Calibration,
    Gate,
    LookAlikePair,
    LookAlikes,
    SameDog,
    Shortlist,
    VerdictThresholds,
)
from dogbreed.model.bundle import (
    CONFIG_FILE,
    GOLDEN_FILE,
    LOOK_ALIKES_FILE,
    NETWORK_FILE,
    WEIGHTS_FILE,
    BundleConfig,
    Metrics,
    Provenance,
    write_json,
)
from dogbreed.model.classifier import forget_default_classifier
from dogbreed.model.file_digests import write_digests
from dogbreed.model.golden_file import Golden, GoldenCase
from dogbreed.model.golden_input import golden_input
from trainer.bundles.golden_photos import golden_photos, input_tolerance, photo_tolerance

# The networks of the tests are tiny and test processes run side by side, so more threads only slow them down.
# PyTorch reads this when it is imported, and so do the commands that the tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Test processes import all tests. What these import takes half as long before the coverage is measured.
if "PYTEST_XDIST_WORKER" in os.environ:
    import_module("lightning.pytorch")

# A network that is trained; nginx, gunicorn and PostgreSQL; processes in a copy of the image's files
SLOW_FIXTURES = {"trained", "stack", "image"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=1, help="how often a run is killed that must survive it")
    parser.addoption("--mutations", type=int, default=300, help="how many damaged photos a server must survive")
    parser.addoption("--seed", type=int, default=0, help="seed of the damage")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    # Files with slow tests come first, so that all test processes end at about the same time.
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)


LABELS = ["blue_hound", "green_hound", "red_hound"]
WEIGHTS = np.array([[0, 0, 4], [0, 4, 0], [4, 0, 0]], np.float32)  # class x channel
BIAS = np.array([0.0, 0.1, 0.2], np.float32)


def tiny_config(**changes: Any) -> BundleConfig:
    provenance = Provenance(
        recipe={}, data_manifest_sha256="0" * 64, seed=0, backbone_weights="none", versions={}, trained_on="2026-01-01"
    )
    metrics = Metrics(
        description="made up",
        photos=100,
        breeds=3,
        top1=0.9,
        top1_interval=(0.8, 0.95),
        top5=1.0,
        top5_interval=(0.96, 1.0),
        log_loss=0.3,
    )
    config = BundleConfig(
        format_version=1,
        name="tiny",
        version="1.0",
        architecture="mean-colour",
        input_size=(3, 32, 32),
        interpolation="bilinear",
        crop_pct=1.0,
        crop_mode="squash",
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        label_names=LABELS,
        metrics={"made-up": metrics},
        provenance=provenance,
    )
    return BundleConfig.model_validate({**config.model_dump(), **changes})


def tiny_network(classes: int = 3, input_name: str = "image") -> onnx.ModelProto:
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", [input_name], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["colour"]),
            helper.make_node("Gemm", ["colour", "weight", "bias"], ["logits"], transB=1),
        ],
        "tiny",
        [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["n", 3, 32, 32])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", classes])],
        [numpy_helper.from_array(WEIGHTS[:classes], "weight"), numpy_helper.from_array(BIAS[:classes], "bias")],
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])


def tiny_logits(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same computation in NumPy."""
    logits: NDArray[np.float32] = batch.mean(axis=(2, 3)) @ WEIGHTS.T + BIAS
    return logits


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete bundle, shared by all tests. Use `bundle_copy` to change one."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    config = tiny_config()
    cases = [
        GoldenCase(seed=seed, logits=tiny_logits(golden_input(config, seed))[0].astype(float).tolist())
        for seed in (0, 1)
    ]
    write_json(folder / CONFIG_FILE, config)
    write_json(folder / GOLDEN_FILE, Golden(tolerance={"float32": 1e-4, "bfloat16": 0.05}, cases=cases))
    save_file({"weight": WEIGHTS, "bias": BIAS}, folder / WEIGHTS_FILE)
    onnx.save(tiny_network(), folder / NETWORK_FILE)
    return folder


def trusted_network() -> onnx.ModelProto:
    """The tiny network with all optional outputs: class activation maps of 8 x 8, and out-of-distribution scores."""
    kernel, outputs = WEIGHTS.reshape(3, 3, 1, 1), {"logits": [3], "evidence": [3, 8, 8], "dog": [], "familiarity": []}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "kernel", "bias"], ["colours"]),
            helper.make_node("AveragePool", ["colours"], ["evidence"], kernel_shape=[4, 4], strides=[4, 4]),
            helper.make_node("ReduceMean", ["evidence"], ["logits"], axes=[2, 3], keepdims=0),
            helper.make_node("ReduceMax", ["logits"], ["dog"], axes=[1], keepdims=0),
            helper.make_node("Tanh", ["dog"], ["familiarity"]),
        ],
        "trusted",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 32, 32])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape]) for name, shape in outputs.items()],
        [numpy_helper.from_array(kernel, "kernel"), numpy_helper.from_array(BIAS, "bias")],
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])


@pytest.fixture(scope="session")
def trusted_bundle(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with all optional parts: a grey photo shows no dog, red and green are look-alikes."""
    folder = Path(shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("models") / "trusted"))
    calibration = Calibration(
        shortlist=Shortlist(coverage=0.95, penalty=0.05, threshold=0.9, photos=100),
        verdict=VerdictThresholds(precision=0.95, breed=0.8, group=0.9, photos=100),
        dog=Gate(score="imagenet", threshold=0.5, kept=0.95, photos=100),
        familiar=Gate(score="cosine", threshold=0.3, kept=0.95, photos=100),
        same_dog=SameDog(least=0.2, independent=0.7, same=0.98, apart=0.5, kept=0.97, pairs=100),
    )
    config = tiny_config(name="trusted", calibration=calibration.model_dump())
    pair = LookAlikePair(breeds=(1, 2), photos=40, told_apart=34, accuracy=0.86, interval=(0.74, 0.94))
    photos, noise = golden_photos(config, tiny_logits)
    golden = Golden.model_validate_json((folder / GOLDEN_FILE).read_text())
    more = {"photos": photos, "photo_tolerance": photo_tolerance(golden.tolerance, noise)}
    write_json(folder / GOLDEN_FILE, golden.model_copy(update={**more, "input_tolerance": input_tolerance(config)}))
    write_json(folder / CONFIG_FILE, config)
    write_json(folder / LOOK_ALIKES_FILE, LookAlikes(description="made up", pairs=[pair]))
    onnx.save(trusted_network(), folder / NETWORK_FILE)
    return folder


@pytest.fixture(autouse=True)
def nothing_promoted(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a developer has promoted in this clone is not served in tests."""
    settings.DOGBREED_MODELS = tmp_path_factory.getbasetemp() / "nothing-promoted"
    settings.DOGBREED_COMPILED = tmp_path_factory.getbasetemp() / "compiled"


@pytest.fixture
def bundle_copy(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A complete bundle that a test may change."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


@pytest.fixture
def newer_bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """The tiny bundle's successor, of version 2.0, with the list of its files. A test may change it."""
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "newer"))
    write_json(folder / CONFIG_FILE, tiny_config(version="2.0"))
    write_digests(folder)
    return folder


@pytest.fixture
def change_json() -> Callable[..., None]:
    """Sets keys of a JSON file: `change_json(path, key=value)`."""

    def change(path: Path, **changes: Any) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


@pytest.fixture
def served(tiny_bundle: Path, settings: Any, db: None) -> Iterator[Path]:
    """The server answers with the tiny bundle. It has counted nothing yet."""
    cache.clear()
    forget_default_classifier()
    settings.DOGBREED_BUNDLE = tiny_bundle
    yield tiny_bundle
    forget_default_classifier()


@pytest.fixture
def served_trusted(trusted_bundle: Path, settings: Any, db: None) -> Iterator[Path]:
    """The server answers with the trusted bundle."""
    forget_default_classifier()
    settings.DOGBREED_BUNDLE = trusted_bundle
    yield trusted_bundle
    forget_default_classifier()
