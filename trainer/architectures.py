"""Networks by name, their ImageNet weights, and the head that tells breeds apart."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal
from urllib.error import URLError

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torchvision import models
from torchvision.models import get_model, get_model_weights, list_models

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
IMAGENET_CLASSES = 1000

Weighting = Path | Literal["imagenet", "none"]
Triple = tuple[float, float, float]


class WeightsError(Exception):
    """Weights that cannot be had or do not fit; the message says what to download and where to put it."""


@dataclass(frozen=True)
class Pretrained:
    """Weights to start from, with the normalization that they were trained with."""

    state: dict[str, Tensor]
    source: str
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD


def architecture_names() -> list[str]:
    return list(list_models(module=models))


def build_network(architecture: str, classes: int, dropout: float) -> nn.Module:
    """A torchvision classifier with random weights and `classes` outputs.

    Raises:
        WeightsError: torchvision has no such architecture.
    """
    if architecture not in architecture_names():
        raise WeightsError(
            f"torchvision has no architecture {architecture!r}; it has {', '.join(architecture_names())}."
        )
    network: nn.Module = get_model(architecture, weights=None, num_classes=classes)
    last_child = list(network.children())[-1]
    for layer in last_child.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = dropout
    return network


def head_prefix(network: nn.Module) -> str:
    """What the names of the head's parameters begin with: `fc.` for a ResNet, `classifier.1.` for a MobileNetV2."""
    *_, last = (name for name, module in network.named_modules() if isinstance(module, nn.Linear))
    return f"{last}."


def read_weights(weights: Weighting, architecture: str) -> Pretrained | None:
    """Reads the weights to start from; None for random ones.

    Raises:
        WeightsError: no such file, not a file of weights, or no way to download them.
    """
    if weights == "none":
        return None
    if weights == "imagenet":
        return _download_imagenet(architecture)
    if not weights.is_file():
        raise WeightsError(f"Expected a file of weights (.safetensors or .pth) at {weights}, but there is none.")
    try:
        if weights.suffix == ".safetensors":
            return _read_safetensors(weights)
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except UnpicklingError as error:  # its message advises to trust the file: not ours
        raise WeightsError(f"{weights} cannot be read as weights: it holds no PyTorch state dict.") from error
    except (SafetensorError, RuntimeError, OSError, ValueError, EOFError, KeyError) as error:
        raise WeightsError(f"{weights} cannot be read as weights: {error}") from error
    return Pretrained(state, weights.name)


def _read_safetensors(path: Path) -> Pretrained:
    with safe_open(path, framework="pt") as file:
        described = file.metadata() or {}
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    return Pretrained(
        state,
        described.get("name", path.name),
        _triple(described["mean"]) if "mean" in described else IMAGENET_MEAN,
        _triple(described["std"]) if "std" in described else IMAGENET_STD,
    )


def _triple(text: str) -> Triple:
    first, second, third = (float(part) for part in re.split(r"[,\s]+", text.strip("[]() ")))
    return first, second, third


def _download_imagenet(architecture: str) -> Pretrained:
    weights = _imagenet_weights(architecture)
    try:
        state = weights.get_state_dict(progress=True, check_hash=True)
    except (URLError, OSError, RuntimeError) as error:
        cache = Path(torch.hub.get_dir()) / "checkpoints"
        raise WeightsError(
            f"The ImageNet weights of {architecture} could not be downloaded ({error}). Download {weights.url} where "
            f"there is internet and put the file into {cache}{os.sep}, or name it with --weights FILE."
        ) from error
    transforms = weights.transforms()
    return Pretrained(
        state,
        f"torchvision {type(weights).__name__}.{weights.name}",
        tuple(transforms.mean),
        tuple(transforms.std),
    )


def _imagenet_weights(architecture: str) -> Any:
    try:
        return get_model_weights(architecture).DEFAULT
    except (ValueError, AttributeError) as error:
        raise WeightsError(f"torchvision has no ImageNet weights for {architecture!r}. Use --weights none.") from error


def load_pretrained(
    network: nn.Module, pretrained: Pretrained, architecture: str, label_names: list[str], from_imagenet: bool
) -> int:
    """Fills `network` with pretrained weights and starts its head from ImageNet's rows where a breed has one.

    Returns:
        How many breeds' rows of the head came from ImageNet.

    Raises:
        WeightsError: the backbone's weights do not fit the architecture.
    """
    prefix = head_prefix(network)
    own = network.state_dict()
    head = {name: tensor for name, tensor in pretrained.state.items() if name.startswith(prefix)}
    backbone = {name: tensor for name, tensor in pretrained.state.items() if not name.startswith(prefix)}
    wrong = [name for name, tensor in own.items() if not name.startswith(prefix) and _differs(backbone, name, tensor)]
    if wrong:
        raise WeightsError(
            f"The weights in {pretrained.source} are not those of {architecture}: {len(wrong)} tensors are missing or "
            f"of another shape, the first is {wrong[0]}."
        )
    network.load_state_dict({**own, **backbone, **_same_head(head, own)})
    classes = head[f"{prefix}weight"].shape[0] if f"{prefix}weight" in head else 0
    if not from_imagenet or classes != IMAGENET_CLASSES:
        return 0
    return _start_head_from_imagenet(network, head, prefix, label_names, architecture)


def _differs(state: dict[str, Tensor], name: str, expected: Tensor) -> bool:
    # Batch normalization's counter of batches is bookkeeping that older files lack.
    return not name.endswith("num_batches_tracked") and (name not in state or state[name].shape != expected.shape)


def _same_head(head: dict[str, Tensor], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """The head as it was trained, where it has the very shape of ours: weights of a bundle being tuned further."""
    fits = all(name in own and own[name].shape == tensor.shape for name, tensor in head.items())
    return head if fits and len(next(iter(head.values()), torch.empty(0))) != IMAGENET_CLASSES else {}


def _start_head_from_imagenet(
    network: nn.Module, head: dict[str, Tensor], prefix: str, label_names: list[str], architecture: str
) -> int:
    rows = imagenet_rows(label_names, architecture)
    target = network.state_dict()
    with torch.no_grad():
        for kind in ("weight", "bias"):
            for index, row in rows.items():
                target[prefix + kind][index] = head[prefix + kind][row]
    return len(rows)


def imagenet_rows(label_names: list[str], architecture: str) -> dict[int, int]:
    """Maps the index of every label that is an ImageNet class to its row in ImageNet's head."""
    categories: list[str] = _imagenet_weights(architecture).meta["categories"]
    row_of = {_plain(category): row for row, category in enumerate(categories)}
    return {index: row_of[_plain(label)] for index, label in enumerate(label_names) if _plain(label) in row_of}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower()).strip()
