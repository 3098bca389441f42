"""Adds an int8 network to a bundle. It is compared with the original and kept only if it is accurate enough."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import (
    ALTERNATIVES_FILE,
    CONFIG_FILE,
    GOLDEN_FILE,
    INT8_NETWORK_FILE,
    LOOK_ALIKES_FILE,
    MODEL_CARD_FILE,
    NETWORK_FILE,
    TEACHING_FILE,
    WEIGHTS_FILE,
    Bundle,
    BundleConfig,
    Metrics,
    Quantization,
    read_bundle,
    write_json,
)
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import ENGINES
from dogbreed.model.file_digests import write_digests
from dogbreed.model.precision import Precision
from trainer.bundles.export import INT8_VERSION
from trainer.bundles.int8_golden import int8_golden
from trainer.bundles.model_card import model_card
from trainer.bundles.onnx_int8 import spread_over_breeds, write_int8
from trainer.evaluation.evaluate import evaluate
from trainer.files import new_folder
from trainer.photos.folders import LabelledPhoto
from trainer.photos.parts import photos_of_part
from trainer.progress import ProgressBar, silent


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
    """Writes a bundle that also has an int8 network, unless that loses too much accuracy.

    Args:
        data: organized photos. The train part is for calibration, the test part for measuring.

    Raises:
        QuantizationError: the loss is above `how.max_loss`, or the bundle has an int8 network already.
        PhotosError, PhotoError: `data` is not organized, has other breeds, or a file in it is no photo.
        BundleError: an engine cannot run the float32 or the int8 network.
        AlreadyExistsError: `out` exists.
    """
    if bundle.config.quantization:
        raise QuantizationError(f"{bundle.path} has an int8 network already. Name the bundle that it was made from.")
    test = photos_of_part(data, "test")
    calibrating = spread_over_breeds(photos_of_part(data, "train"), how.calibration_photos)
    with new_folder(out) as unfinished:
        before = _measure(bundle.path, "float32", test, how.description, progress)
        for name in (NETWORK_FILE, WEIGHTS_FILE, LOOK_ALIKES_FILE, ALTERNATIVES_FILE, TEACHING_FILE):
            if (bundle.path / name).is_file():
                shutil.copyfile(bundle.path / name, unfinished / name)
        write_int8(bundle, calibrating, unfinished / INT8_NETWORK_FILE, progress)
        golden = int8_golden(unfinished / INT8_NETWORK_FILE, bundle.config, bundle.golden.photos)
        write_json(unfinished / GOLDEN_FILE, bundle.golden.model_copy(update={"int8": golden}))
        _describe(unfinished, bundle.config)
        for engine in ENGINES:
            Classifier.load(unfinished, "int8", engine)  # raises BundleError if the golden outputs differ
        comparison = Comparison(before, _measure(unfinished, "int8", test, how.description, progress))
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
    # The other measurements belong to the network in float32.
    changes = {"quantization": quantization, "metrics": {"test": comparison.after}}
    return original.model_copy(update={**changes, "version": original.version + INT8_VERSION})


def _measure(
    path: Path, precision: Precision, photos: list[LabelledPhoto], description: str, progress: ProgressBar
) -> Metrics:
    classifier = Classifier.load(path, precision)
    return evaluate(classifier, photos, description, progress, f"Measuring {precision}").metrics


def _describe(folder: Path, config: BundleConfig) -> None:
    write_json(folder / CONFIG_FILE, config)
    (folder / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
