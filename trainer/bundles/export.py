"""A trained network becomes a bundle: exported, checked against PyTorch, and only then put in place."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn

from dogbreed.answers.calibration import LookAlikes
from dogbreed.answers.outputs import DOG, OUTPUT, Outputs
from dogbreed.model.bundle import (
    CONFIG_FILE,
    GOLDEN_FILE,
    LOOK_ALIKES_FILE,
    MODEL_CARD_FILE,
    NETWORK_FILE,
    WEIGHTS_FILE,
    Bundle,
    BundleConfig,
    BundleError,
    Golden,
    GoldenCase,
    Precision,
    golden_input,
    read_bundle,
    write_json,
)
from dogbreed.model.classifier import Classifier
from trainer.bundles.golden_photos import golden_photos, input_tolerance, photo_tolerance
from trainer.bundles.model_card import model_card
from trainer.calibration.calibrate import calibrate
from trainer.files import new_folder
from trainer.machine import quiet_libraries
from trainer.networks.network import BreedNetwork
from trainer.networks.served import ScoreTensors, ServedNetwork, network_tensors, read_score_tensors
from trainer.networks.weights import Pretrained, imagenet_head
from trainer.training.run import Run, best_network, network_of, read_run_config, run_score_tensors

Tolerance = dict[Precision, float]

GOLDEN_SEEDS = range(4)
# Largest difference of a logit that another engine may show: bounds that leave room for other processors' order of
# summation (float32) and for eight bits of mantissa (bfloat16), far below what a wrong network would show.
TOLERANCE: Tolerance = {"float32": 5e-3, "bfloat16": 0.5}
INT8_VERSION = "+int8"  # ends the version of an int8 bundle, so that its answers can be told from the original's


def export_run(run: Run, out: Path) -> Bundle:
    """Writes the best network of a training run as a bundle.

    Raises:
        TrainingError: the run has not finished an epoch.
        AlreadyExistsError: `out` exists.
        BundleError: OpenVINO on the exported network does not agree with PyTorch.
    """
    file = run.path / LOOK_ALIKES_FILE
    look_alikes = LookAlikes.model_validate_json(file.read_text(encoding="utf-8")) if file.is_file() else None
    return export_network(best_network(run), read_run_config(run), run_score_tensors(run), look_alikes, out)


def export_bundle(bundle: Bundle, out: Path) -> Bundle:
    """Exports a bundle's weights once more, as this version of the program does it; an int8 bundle's in float32."""
    network, score_tensors = bundle_network(bundle)
    return export_network(network, as_trained(bundle.config), score_tensors, bundle.look_alikes, out)


def calibrate_bundle(bundle: Bundle, data: Path, pretrained: Pretrained | None, out: Path) -> Bundle:
    """Exports a bundle's weights with a calibration of their own: what a bundle of an earlier version lacks.

    Args:
        data: the organized photos that it was trained on.
        pretrained: what its training began with, for ImageNet's head; without it, the one that the bundle keeps.

    Raises:
        WeightsError: ImageNet's head is not one for the bundle's backbone.
    """
    network, score_tensors = bundle_network(bundle)
    config = as_trained(bundle.config)
    head = imagenet_head(pretrained, config.architecture) if pretrained else score_tensors.imagenet
    trust = calibrate(network, config, data, head)
    config = config.model_copy(update={"calibration": trust.calibration, "metrics": {}})
    return export_network(network, config, trust.score_tensors, trust.look_alikes, out)


def as_trained(config: BundleConfig) -> BundleConfig:
    """What describes a bundle's weights: without what was measured on an int8 network made of them."""
    if config.quantization is None:
        return config
    version = config.version.removesuffix(INT8_VERSION)
    return config.model_copy(update={"quantization": None, "metrics": {}, "version": version})


def bundle_network(bundle: Bundle) -> tuple[BreedNetwork, ScoreTensors]:
    """The bundle's network in PyTorch, on the CPU, in evaluation mode, and what is served beside it."""
    network, state = network_of(bundle.config), load_file(bundle.weights)
    network.load_state_dict(network_tensors(state))
    return network.eval(), read_score_tensors(state)


def export_network(
    network: BreedNetwork, config: BundleConfig, score_tensors: ScoreTensors, look_alikes: LookAlikes | None, out: Path
) -> Bundle:
    """Writes a bundle; `network` must be on the CPU and in evaluation mode."""
    served = ServedNetwork(network, score_tensors, config.input_size[1]).eval()
    config = config.model_copy(update={"no_explanation": served.no_class_activation_maps})
    with new_folder(out) as unfinished:
        write_json(unfinished / CONFIG_FILE, config)
        _write_weights(network, score_tensors, config, unfinished / WEIGHTS_FILE)
        write_onnx(served, config, unfinished / NETWORK_FILE)
        write_json(unfinished / GOLDEN_FILE, golden_outputs(served, config))
        if look_alikes:
            write_json(unfinished / LOOK_ALIKES_FILE, look_alikes)
        Classifier.load(unfinished, precision="float32")  # the golden check: refuses what does not agree
        (unfinished / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
    return read_bundle(out)


def _write_weights(network: nn.Module, score_tensors: ScoreTensors, config: BundleConfig, path: Path) -> None:
    described = {
        "name": f"{config.name} {config.version}, itself from {config.provenance.backbone_weights}",
        "architecture": config.architecture,
        "mean": " ".join(map(str, config.mean)),
        "std": " ".join(map(str, config.std)),
    }
    state = {name: tensor.contiguous() for name, tensor in {**network.state_dict(), **score_tensors.state()}.items()}
    save_file(state, path, metadata=described)
    path.chmod(0o644)  # the library writes it for its owner alone, but a server may be another user


def write_onnx(network: ServedNetwork, config: BundleConfig, path: Path) -> None:
    """Exports to ONNX: `image` float32 `[n, 3, h, w]` -> `logits` `[n, classes]` and the others, n free."""
    example = torch.from_numpy(np.concatenate([golden_input(config, seed) for seed in range(2)]))
    quiet_libraries()
    with warnings.catch_warnings(), _clear_errors(config.architecture):
        warnings.simplefilter("ignore")  # the exporter's own deprecations are not the user's business
        torch.onnx.export(
            network.to(memory_format=torch.contiguous_format),
            (example,),
            path,
            input_names=["image"],
            output_names=network.names,
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


@contextmanager
def _clear_errors(architecture: str) -> Iterator[None]:
    try:
        yield
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise BundleError(
            f"PyTorch cannot export {architecture} to ONNX, in which networks are served ({reason}). Choose another "
            "architecture; `manage.py export` takes the run up again once it can."
        ) from error


def golden_outputs(network: ServedNetwork, config: BundleConfig) -> Golden:
    """What PyTorch answers to inputs made from seeds and to made-up photos, in float32."""

    def run(batch: NDArray[np.float32]) -> Outputs:
        with torch.inference_mode():
            outputs = network(torch.from_numpy(batch))
        return {name: output.numpy() for name, output in zip(network.names, outputs, strict=True)}

    return golden_of(run, config, TOLERANCE)


def golden_of(run: Callable[[NDArray[np.float32]], Outputs], config: BundleConfig, tolerance: Tolerance) -> Golden:
    """Asks a reference for everything that an engine must reproduce."""
    cases = []
    for seed in GOLDEN_SEEDS:
        outputs = run(golden_input(config, seed))
        dog = round(float(outputs[DOG][0]), 5) if DOG in outputs else None
        cases.append(GoldenCase(seed=seed, logits=outputs[OUTPUT][0].astype(float).round(5).tolist(), dog=dog))
    photos, noise = golden_photos(config, lambda batch: run(batch)[OUTPUT])
    return Golden(
        tolerance=tolerance,
        cases=cases,
        photo_tolerance=photo_tolerance(tolerance, noise),
        input_tolerance=input_tolerance(config),
        photos=photos,
    )
