"""Writes bundles: exports a trained network, checks it against PyTorch, and only then puts the bundle in place."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import nn

from dogbreed.answers.outputs import Outputs
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
    BundleError,
    read_bundle,
    write_json,
)
from dogbreed.model.classifier import Classifier
from dogbreed.model.file_digests import write_digests
from dogbreed.model.golden_file import Golden
from trainer.bundles.golden_outputs import TOLERANCE, golden_of
from trainer.bundles.model_card import model_card
from trainer.bundles.onnx_file import write_onnx
from trainer.calibration.alternatives import read_alternatives
from trainer.calibration.calibrate import calibrate
from trainer.calibration.results import CalibrationResult, read_results
from trainer.files import new_folder
from trainer.networks.half_precision import in_half, round_to_half
from trainer.networks.network import BreedNetwork, network_of
from trainer.networks.score_tensors import ScoreTensors, network_tensors, read_score_tensors
from trainer.networks.served import ServedNetwork
from trainer.networks.weights import Pretrained, imagenet_head
from trainer.networks.weights_file import write_weights
from trainer.photos.parts import CalibrationPhotos, calibration_photos
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import recipe_of
from trainer.training.run import best_network
from trainer.training.run_config import RunConfig, bundle_config
from trainer.training.run_folder import Run

INT8_VERSION = "+int8"  # suffix of an int8 bundle's version, so that its answers can be told from the original's


def export_run(run: Run, config: RunConfig, out: Path) -> Bundle:
    """Writes the best network of a training run as a bundle.

    Raises:
        TrainingError: the run has not finished an epoch.
        AlreadyExistsError: `out` exists.
        BundleError: OpenVINO on the exported network does not agree with PyTorch.
    """
    result = read_results(run)
    return export_network(best_network(run, config), bundle_config(config, result.calibration), result, out)


def export_bundle(bundle: Bundle, out: Path) -> Bundle:
    """Exports a bundle's weights again with this version of the program; those of an int8 bundle in float32."""
    network, score_tensors = bundle_network(bundle)
    config = as_trained(bundle.config)
    result = CalibrationResult(config.calibration, score_tensors, bundle.look_alikes, read_alternatives(bundle))
    return export_network(network, config, result, out)


def calibrate_bundle(
    bundle: Bundle, data: Path, pretrained: Pretrained | None, out: Path, progress: ProgressBar = silent
) -> Bundle:
    """Exports a bundle's weights with a new calibration, which a bundle of an earlier version lacks.

    Args:
        data: the organized photos that it was trained on.
        pretrained: the weights that its training started from, for ImageNet's head; None to use the bundle's own copy.

    Raises:
        PhotosError: `data` is not organized.
        WeightsError: ImageNet's head does not fit the bundle's backbone.
    """
    network, score_tensors = bundle_network(bundle)
    config = as_trained(bundle.config)
    head = imagenet_head(pretrained, config.architecture) if pretrained else score_tensors.imagenet
    result = calibrate(network, config, config.label_names, photos_of(config, data), head, progress)
    # The measurements belong to the old calibration.
    config = config.model_copy(update={"calibration": result.calibration, "metrics": {}})
    return export_network(network, config, result, out)


def photos_of(config: BundleConfig, data: Path) -> CalibrationPhotos:
    """The photos that validated the training of a bundle, and those of other breeds.

    Raises:
        PhotosError: `data` is not organized.
    """
    fraction = recipe_of(config).training.validation_fraction
    return calibration_photos(data, fraction, config.provenance.seed)


def as_trained(config: BundleConfig) -> BundleConfig:
    """The configuration for a bundle's weights: without what was measured on an int8 network made of them."""
    if config.quantization is None:
        return config
    version = config.version.removesuffix(INT8_VERSION)
    return config.model_copy(update={"quantization": None, "metrics": {}, "version": version})


def bundle_network(bundle: Bundle) -> tuple[BreedNetwork, ScoreTensors]:
    """The bundle's network in PyTorch, on the CPU, in evaluation mode, and the tensors of its scores.

    Raises:
        BundleError: the bundle was taught breeds, which are no part of its training.
    """
    if taught := bundle.config.taught:
        raise BundleError(
            f"{bundle.path} was taught {', '.join(taught)}. Use the bundle that it was made from, and teach its result."
        )
    network = network_of(recipe_of(bundle.config), len(bundle.config.label_names))
    state = load_file(bundle.weights)
    network.load_state_dict(network_tensors(state))
    return network.eval(), read_score_tensors(state)


def export_network(network: BreedNetwork, config: BundleConfig, result: CalibrationResult, out: Path) -> Bundle:
    """Writes a bundle, with the large tensors of its weights in half precision.

    `network` must be on the CPU and in evaluation mode. Its weights are rounded to half precision.
    """
    round_to_half(network)
    served = ServedNetwork(network, result.score_tensors, config.input_size[1]).eval()
    config = config.model_copy(update={"no_explanation": served.no_class_activation_maps})
    with new_folder(out) as unfinished:
        write_json(unfinished / CONFIG_FILE, config)
        write_json(unfinished / ALTERNATIVES_FILE, result.alternatives)
        _write_weights(network, result.score_tensors, config, unfinished / WEIGHTS_FILE)
        write_onnx(served, config, unfinished / NETWORK_FILE)
        write_json(unfinished / GOLDEN_FILE, golden_outputs(served, config))
        if result.look_alikes:
            write_json(unfinished / LOOK_ALIKES_FILE, result.look_alikes)
        Classifier.load(unfinished, precision="float32")  # the golden check: refuses what does not agree
        (unfinished / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
        write_digests(unfinished)
    return read_bundle(out)


def _write_weights(network: nn.Module, score_tensors: ScoreTensors, config: BundleConfig, path: Path) -> None:
    described = {
        "name": f"{config.name} {config.version}",
        "starting_weights": config.provenance.backbone_weights,
        "architecture": config.architecture,
        "mean": " ".join(map(str, config.mean)),
        "std": " ".join(map(str, config.std)),
    }
    write_weights(path, {**in_half(network.state_dict()), **score_tensors.state()}, described)


def golden_outputs(network: ServedNetwork, config: BundleConfig) -> Golden:
    """PyTorch's outputs for the golden inputs and the golden photos, in float32."""

    def run(batch: NDArray[np.float32]) -> Outputs:
        with torch.inference_mode():
            outputs = network(torch.from_numpy(batch))
        return {name: output.numpy() for name, output in zip(network.names, outputs, strict=True)}

    return golden_of(run, config, TOLERANCE)
