"""Tiny bundles without training: a photo's mean colour decides between twelve breeds, each a place in that space."""

import shutil
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from safetensors.numpy import save_file

from dogbreed.answers.calibration import Calibration, Gate, VerdictThresholds
from dogbreed.answers.scores import softmax
from dogbreed.model.bundle import CONFIG_FILE, GOLDEN_FILE, NETWORK_FILE, WEIGHTS_FILE, write_json
from dogbreed.model.golden_file import Golden, GoldenCase
from dogbreed.model.golden_input import golden_input
from tests.conftest import tiny_config

COLOURS = np.array(list(product((40, 130, 220), (60, 190), (60, 190))), np.float64)  # of the breeds
BREEDS = [f"breed_{chr(97 + index)}" for index in range(len(COLOURS))]
PLACES = COLOURS / 127.5 - 1  # as the network sees them
SHARPNESS = 8.0
PHOTOS_PER_BREED = 25
VERDICTS = VerdictThresholds(precision=0.95, breed=0.9, probably=0.6, group=1.1, photos=100)
CALIBRATION = Calibration(verdict=VERDICTS, dog=Gate(score="imagenet", threshold=0.0, kept=0.95, photos=100))


@dataclass(frozen=True)
class Head:
    """The last layer: `[breeds, 3]` and `[breeds]`, and how much is added to the score for being a dog."""

    weight: NDArray[np.float64] = field(default_factory=lambda: 2 * SHARPNESS * PLACES)
    bias: NDArray[np.float64] = field(default_factory=lambda: -SHARPNESS * (PLACES**2).sum(axis=1))
    labels: list[str] = field(default_factory=lambda: BREEDS)
    dog: float = 100.0

    def noisy(self, strength: float) -> "Head":
        random = np.random.default_rng(1)
        return replace(self, weight=self.weight + strength * random.normal(size=self.weight.shape))

    def without_logit(self, breed: str) -> "Head":
        bias = self.bias.copy()
        bias[self.labels.index(breed)] -= 100
        return replace(self, bias=bias)

    def only(self, labels: list[str]) -> "Head":
        rows = [self.labels.index(label) for label in labels]
        return replace(self, weight=self.weight[rows], bias=self.bias[rows], labels=labels)


def write_bundle(folder: Path, head: Head | None = None, calibration: Calibration = CALIBRATION) -> Path:
    """A bundle that loads: its golden outputs are computed for this head."""
    head = head or Head()
    weight, bias = head.weight.astype(np.float32), head.bias.astype(np.float32)
    config = tiny_config(label_names=head.labels, calibration=calibration.model_dump())
    folder.mkdir(parents=True)
    cases = []
    for seed in (0, 1):
        logits = golden_input(config, seed).mean(axis=(2, 3)) @ weight.T + bias
        cases.append(GoldenCase(seed=seed, logits=logits[0].astype(float).tolist()))
    write_json(folder / CONFIG_FILE, config)
    write_json(folder / GOLDEN_FILE, Golden(tolerance={"float32": 1e-3, "bfloat16": 0.5}, cases=cases))
    save_file({"weight": weight, "bias": bias}, folder / WEIGHTS_FILE)
    onnx.save(_network(weight, bias, head.dog), folder / NETWORK_FILE)
    return folder


def _network(weight: NDArray[np.float32], bias: NDArray[np.float32], dog: float) -> onnx.ModelProto:
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["colour"]),
            helper.make_node("Gemm", ["colour", "weight", "bias"], ["logits"], transB=1),
            helper.make_node("ReduceMax", ["logits"], ["highest"], axes=[1], keepdims=0),
            helper.make_node("Add", ["highest", "more"], ["dog"]),
        ],
        "colours",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 32, 32])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(bias)]),
            helper.make_tensor_value_info("dog", TensorProto.FLOAT, ["n"]),
        ],
        [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(bias, "bias"),
            numpy_helper.from_array(np.array([dog], np.float32), "more"),
        ],
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])


def write_photos(folder: Path, per_breed: int = PHOTOS_PER_BREED) -> Path:
    """A folder with one folder per breed, whose photos are drawn as the head of `Head()` believes."""
    random = np.random.default_rng(0)
    places = random.uniform(-0.8, 0.8, size=(400 * per_breed, 3))
    head = Head()
    chances = softmax((places @ head.weight.T + head.bias).astype(np.float32))
    drawn = np.array([random.choice(len(BREEDS), p=row) for row in chances])
    for index, breed in enumerate(BREEDS):
        (folder / breed).mkdir(parents=True)
        for number, place in enumerate(places[drawn == index][:per_breed]):
            colour = tuple(round(value) for value in (place + 1) * 127.5)
            Image.new("RGB", (24, 20), colour).save(folder / breed / f"{number:02}.png")
    return folder


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))
