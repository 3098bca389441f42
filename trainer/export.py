"""A trained network becomes a bundle: exported, checked against PyTorch, and only then put in place."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from dogbreed.bundle import (
    CONFIG_FILE,
    GOLDEN_FILE,
    MODEL_CARD_FILE,
    NETWORK_FILE,
    WEIGHTS_FILE,
    Bundle,
    BundleConfig,
    BundleError,
    Golden,
    GoldenCase,
    golden_input,
    new_folder,
    read_bundle,
    write_json,
)
from dogbreed.classifier import Classifier
from trainer.machine import quiet_libraries
from trainer.model_card import model_card
from trainer.run import Run, network_of, read_run_config
from trainer.training import best_network

GOLDEN_SEEDS = range(4)
# Largest difference of a logit that another engine may show: bounds that leave room for other processors' order of
# summation (float32) and for eight bits of mantissa (bfloat16), far below what a wrong network would show.
TOLERANCE = {"float32": 5e-3, "bfloat16": 0.5}
INT8_VERSION = "+int8"  # ends the version of an int8 bundle, so that its answers can be told from the original's


def export_run(run: Run, out: Path) -> Bundle:
    """Writes the best network of a training run as a bundle.

    Raises:
        TrainingError: the run has not finished an epoch.
        FileExistsError: `out` exists.
        BundleError: OpenVINO on the exported network does not agree with PyTorch.
    """
    return export_network(best_network(run), read_run_config(run), out)


def export_bundle(bundle: Bundle, out: Path) -> Bundle:
    """Exports a bundle's weights once more, as this version of the program does it; an int8 bundle's in float32."""
    return export_network(bundle_network(bundle), as_trained(bundle.config), out)


def as_trained(config: BundleConfig) -> BundleConfig:
    """What describes a bundle's weights: without what was measured on an int8 network made of them."""
    if config.quantization is None:
        return config
    version = config.version.removesuffix(INT8_VERSION)
    return config.model_copy(update={"quantization": None, "metrics": {}, "version": version})


def bundle_network(bundle: Bundle) -> nn.Module:
    """The bundle's network in PyTorch, on the CPU, in evaluation mode."""
    network = network_of(bundle.config)
    network.load_state_dict(load_file(bundle.weights))
    return network.eval()


def export_network(network: nn.Module, config: BundleConfig, out: Path) -> Bundle:
    """Writes a bundle; `network` must be on the CPU and in evaluation mode."""
    with new_folder(out) as unfinished:
        write_json(unfinished / CONFIG_FILE, config)
        _write_weights(network, config, unfinished / WEIGHTS_FILE)
        write_onnx(network, config, unfinished / NETWORK_FILE)
        write_json(unfinished / GOLDEN_FILE, golden_outputs(network, config))
        (unfinished / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
        Classifier.load(unfinished, precision="float32")  # the golden check: refuses what does not agree
    return read_bundle(out)


def _write_weights(network: nn.Module, config: BundleConfig, path: Path) -> None:
    described = {
        "name": f"{config.name} {config.version}, itself from {config.provenance.backbone_weights}",
        "architecture": config.architecture,
        "mean": " ".join(map(str, config.mean)),
        "std": " ".join(map(str, config.std)),
    }
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, path, metadata=described)
    path.chmod(0o644)  # the library writes it for its owner alone, but a server may be another user


def write_onnx(network: nn.Module, config: BundleConfig, path: Path) -> None:
    """Exports to ONNX: `image` float32 `[n, 3, h, w]` -> `logits` `[n, classes]`, n free."""
    example = torch.from_numpy(np.concatenate([golden_input(config, seed) for seed in range(2)]))
    quiet_libraries()
    with warnings.catch_warnings(), _clear_errors(config.architecture):
        warnings.simplefilter("ignore")  # the exporter's own deprecations are not the user's business
        torch.onnx.export(
            network.to(memory_format=torch.contiguous_format),
            (example,),
            path,
            input_names=["image"],
            output_names=["logits"],
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


def golden_outputs(network: nn.Module, config: BundleConfig) -> Golden:
    """What PyTorch answers to inputs made from seeds, in float32."""
    cases = []
    for seed in GOLDEN_SEEDS:
        with torch.inference_mode():
            logits = cast(Tensor, network(torch.from_numpy(golden_input(config, seed))))[0]
        cases.append(GoldenCase(seed=seed, logits=[round(value, 5) for value in logits.tolist()]))
    return Golden.model_validate({"tolerance": TOLERANCE, "cases": cases})
