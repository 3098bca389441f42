"""Makes an int8 bundle from a float32 one. It is compared with the original and kept only if it is accurate enough."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import DOG, INPUT, OUTPUT, Outputs
from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import (
    ALTERNATIVES_FILE,
    CONFIG_FILE,
    GOLDEN_FILE,
    LOOK_ALIKES_FILE,
    MODEL_CARD_FILE,
    NETWORK_FILE,
    WEIGHTS_FILE,
    Bundle,
    BundleConfig,
    Golden,
    Metrics,
    Quantization,
    read_bundle,
    write_json,
)
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import ENGINES, OpenVINOEngine, load_engine
from dogbreed.model.engines.onnxruntime import open_session
from dogbreed.model.file_digests import write_digests
from dogbreed.model.golden_input import golden_input
from trainer.bundles.export import INT8_VERSION
from trainer.bundles.golden_outputs import TOLERANCE, golden_of
from trainer.bundles.model_card import model_card
from trainer.bundles.onnx_int8 import spread_over_breeds, write_int8
from trainer.calibration.alternatives import read_alternatives
from trainer.evaluation.evaluate import evaluate
from trainer.files import new_folder
from trainer.photos.folders import LabelledPhoto
from trainer.photos.parts import photos_of_part
from trainer.progress import ProgressBar, silent

ENGINES_DIFFER_SEEDS = range(16)  # more than the golden ones, for a better estimate of how far engines differ
MARGIN = 2  # times the difference here, for other processors


class QuantizationError(DogbreedError):
    """No int8 network was made, or it is not accurate enough; the message says why and what to do."""


@dataclass(frozen=True)
class Quantizing:
    """How to quantize, and which loss of accuracy is allowed."""

    calibration_photos: int
    max_loss: float  # of top-1, in percentage points
    description: str  # of the test part, for the model card


@dataclass(frozen=True)
class Comparison:
    """The accuracy of the original and of its int8 network, on the same photos."""

    before: Metrics
    after: Metrics

    @property
    def top1_change(self) -> float:
        """In -1..1."""
        return round(self.after.top1 - self.before.top1, 6)

    def __str__(self) -> str:
        return (
            f"top-1 {self.before.top1:.2%} in float32, {self.after.top1:.2%} in int8 "
            f"({100 * self.top1_change:+.2f} percentage points) on {self.after.photos} photos"
        )


def quantize_bundle(
    bundle: Bundle, data: Path, out: Path, how: Quantizing, progress: ProgressBar = silent
) -> tuple[Bundle, Comparison]:
    """Writes an int8 bundle, unless it loses too much accuracy.

    Args:
        data: organized photos. The train part is for calibration, the test part for measuring.

    Raises:
        QuantizationError: the loss is above `how.max_loss`, or the bundle is int8 already.
        PhotosError, PhotoError: `data` is not organized, has other breeds, or a file in it is no photo.
        BundleError: an engine cannot run the float32 or the int8 network.
        AlreadyExistsError: `out` exists.
    """
    if bundle.config.quantization:
        raise QuantizationError(f"{bundle.path} is int8 already. Name the bundle that it was made from.")
    test = photos_of_part(data, "test")
    calibrating = spread_over_breeds(photos_of_part(data, "train"), how.calibration_photos)
    with new_folder(out) as unfinished:
        before = _measure(bundle.path, test, how.description, progress, "Measuring float32")
        write_int8(bundle, calibrating, unfinished / NETWORK_FILE, progress)
        shutil.copyfile(bundle.weights, unfinished / WEIGHTS_FILE)
        write_json(unfinished / ALTERNATIVES_FILE, read_alternatives(bundle))
        if bundle.look_alikes:
            write_json(unfinished / LOOK_ALIKES_FILE, bundle.look_alikes)
        write_json(unfinished / GOLDEN_FILE, _golden(unfinished / NETWORK_FILE, bundle.config))
        _describe(unfinished, bundle.config)
        for engine in ENGINES:
            Classifier.load(unfinished, "float32", engine)  # raises BundleError if the golden outputs differ
        comparison = Comparison(before, _measure(unfinished, test, how.description, progress, "Measuring int8"))
        _refuse_a_loss(comparison, how.max_loss)
        _describe(unfinished, _int8_config(bundle.config, len(calibrating), comparison))
        write_digests(unfinished)
    return read_bundle(out), comparison


def _refuse_a_loss(comparison: Comparison, max_loss: float) -> None:
    if -100 * comparison.top1_change > max_loss:
        raise QuantizationError(
            f"Quantization loses more than {max_loss:g} percentage points: {comparison}. Nothing was written. Use more "
            "--calibration-photos, or allow a larger --max-loss."
        )


def _int8_config(original: BundleConfig, calibration_photos: int, comparison: Comparison) -> BundleConfig:
    quantization = Quantization(kind="int8", calibration_photos=calibration_photos, top1_change=comparison.top1_change)
    # The original's other measurements belong to another network.
    changes = {"quantization": quantization, "metrics": {"test": comparison.after}}
    return original.model_copy(update={**changes, "version": original.version + INT8_VERSION})


def _golden(network: Path, config: BundleConfig) -> Golden:
    """The outputs of the graph run node by node, and how far engines may differ from them.

    Engines fuse nodes and round in different orders, and one byte that is rounded differently affects all later layers.
    So the tolerance is measured.
    """
    session = open_session(network, as_written=True)
    names = [output.name for output in session.get_outputs()]

    def as_written(batch: NDArray[np.float32]) -> Outputs:
        return dict(zip(names, session.run(names, {INPUT: batch}), strict=True))

    batch = np.concatenate([golden_input(config, seed) for seed in ENGINES_DIFFER_SEEDS])
    expected = as_written(batch)
    differences = dict.fromkeys(TOLERANCE, 0.0)
    engines = [load_engine(name, network, config, "float32") for name in ENGINES]
    for engine in (*engines, OpenVINOEngine(network, config, "bfloat16")):
        for number, image in enumerate(batch):
            outputs = engine.outputs(image[None])
            for name in {OUTPUT, DOG} & outputs.keys():
                difference = float(np.abs(outputs[name][0] - expected[name][number]).max())
                differences[engine.precision] = max(differences[engine.precision], difference)
    tolerance = {
        precision: round(max(least, MARGIN * differences[precision]), 4) for precision, least in TOLERANCE.items()
    }
    return golden_of(as_written, config, tolerance)


def _measure(path: Path, photos: list[LabelledPhoto], description: str, progress: ProgressBar, title: str) -> Metrics:
    return evaluate(Classifier.load(path, "float32"), photos, description, progress, title).metrics


def _describe(folder: Path, config: BundleConfig) -> None:
    write_json(folder / CONFIG_FILE, config)
    (folder / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
