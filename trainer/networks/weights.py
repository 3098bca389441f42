"""Starting weights: read from a file or downloaded, and loaded into a network."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal, cast

import timm
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torchvision.models import ResNet50_Weights, get_model_weights

from dogbreed.errors import DogbreedError
from trainer.networks.network import OUTPUT, BreedNetwork, classifier_name, timm_names, torchvision_names

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
IMAGENET_CLASSES = 1000
BACKBONE, HEAD = "backbone.", "head."

Weighting = Path | Literal["imagenet", "none"]
Triple = tuple[float, float, float]
State = dict[str, Tensor]


class WeightsError(DogbreedError):
    """Weights are not available or do not fit; the message says what to download and where to put it."""


@dataclass(frozen=True)
class Pretrained:
    """Starting weights, with the normalization that they were trained with."""

    state: State
    source: str
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD


def weighting(text: str) -> Weighting:
    """The meaning of a command line's `--weights`."""
    match text:
        case "imagenet" | "none":
            return text
    return Path(text)


def read_weights(weights: Weighting, architecture: str) -> Pretrained | None:
    """Reads starting weights; None for random ones.

    Raises:
        WeightsError: there is no such file, it holds no weights, or they cannot be downloaded.
    """
    if weights == "none":
        return None
    if weights == "imagenet":
        download = _download_torchvision if architecture in torchvision_names() else _download_timm
        return download(architecture)
    if not weights.is_file():
        raise WeightsError(f"There is no file of weights at {weights}. Name a .safetensors or .pth file.")
    try:
        if weights.suffix == ".safetensors":
            return _read_safetensors(weights)
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except UnpicklingError as error:  # its message advises to trust the file; ours does not
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
        _source(described, path),
        _triple(described["mean"]) if "mean" in described else IMAGENET_MEAN,
        _triple(described["std"]) if "std" in described else IMAGENET_STD,
    )


def _source(described: dict[str, str], path: Path) -> str:
    """The name of a bundle's weights and what those started from; the file's name for other files."""
    name, origin = described.get("name", path.name), described.get("starting_weights", "none")
    return name if origin == "none" else f"{name}, trained from {origin}"


def _triple(text: str) -> Triple:
    first, second, third = (float(part) for part in re.split(r"[,\s]+", text.strip("[]() ")))
    return first, second, third


def _download_torchvision(architecture: str) -> Pretrained:
    try:
        weights: Any = get_model_weights(architecture).DEFAULT
    except (ValueError, AttributeError) as error:
        raise _not_available(architecture) from error
    try:
        state = weights.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        cache = Path(torch.hub.get_dir()) / "checkpoints"
        raise _not_downloaded(architecture, error, weights.url, f"put the file into {cache}{os.sep}, or ") from error
    transforms = weights.transforms()
    source = f"torchvision {type(weights).__name__}.{weights.name}"
    return Pretrained(state, source, tuple(transforms.mean), tuple(transforms.std))


def _download_timm(architecture: str) -> Pretrained:
    config = timm.get_pretrained_cfg(architecture) if architecture in timm_names() else None
    if config is None or not config.has_weights:
        raise _not_available(architecture)
    try:
        state = timm.create_model(architecture, pretrained=True).state_dict()
    except (OSError, RuntimeError) as error:
        on_hub = f"https://huggingface.co/{config.hf_hub_id}/resolve/main/model.safetensors"
        url = on_hub if config.hf_hub_id else str(config.url)
        raise _not_downloaded(architecture, error, url, "") from error
    return Pretrained(state, f"timm {architecture}.{config.tag}", cast(Triple, config.mean), cast(Triple, config.std))


def _not_available(architecture: str) -> WeightsError:
    return WeightsError(
        f"There are no ImageNet weights of {architecture} to download. Name a file with --weights FILE, or use "
        "--weights none for random weights."
    )


def _not_downloaded(architecture: str, error: Exception, url: str, where: str) -> WeightsError:
    return WeightsError(
        f"The ImageNet weights of {architecture} could not be downloaded ({error}). Download {url} on a machine "
        f"with internet access, and {where}name the file with --weights FILE."
    )


def imagenet_head(pretrained: Pretrained, architecture: str) -> tuple[Tensor, Tensor] | None:
    """ImageNet's head, weight `[1000, d]` and bias `[1000]`, which tells dogs from everything else; None without one.

    Bundles keep it beside their own head.
    """
    state = _named_as_ours(pretrained.state, architecture)
    for prefix in ("imagenet.", f"{HEAD}{OUTPUT}."):
        weight, bias = state.get(f"{prefix}weight"), state.get(f"{prefix}bias")
        if weight is not None and bias is not None and weight.ndim == 2 and len(weight) == IMAGENET_CLASSES:
            return weight, bias
    return None


def load_pretrained(
    network: BreedNetwork, pretrained: Pretrained, architecture: str, label_names: list[str], from_imagenet: bool
) -> int:
    """Loads pretrained weights into `network`, and ImageNet's rows into its head for breeds that are ImageNet classes.

    The weights may be the library's own or those of a bundle. A head of the same shape is loaded completely.

    Returns:
        The number of breeds whose rows of the head came from ImageNet.

    Raises:
        WeightsError: the backbone's weights do not fit the architecture.
    """
    state = _named_as_ours(pretrained.state, architecture)
    own = network.state_dict()
    backbone = {name: tensor for name, tensor in state.items() if name.startswith(BACKBONE) and name in own}
    needed = [name for name in own if name.startswith(BACKBONE) and not name.endswith("num_batches_tracked")]
    wrong = [name for name in needed if name not in backbone or backbone[name].shape != own[name].shape]
    if wrong:
        raise WeightsError(
            f"The weights in {pretrained.source} are not those of {architecture}: {len(wrong)} tensors are missing or "
            f"of another shape, the first is {wrong[0].removeprefix(BACKBONE)}."
        )
    head = {name: tensor for name, tensor in state.items() if name.startswith(HEAD)}
    network.load_state_dict({**own, **backbone, **_same_head(head, own)})
    return _start_from_imagenet(network, head, label_names) if from_imagenet else 0


def _named_as_ours(state: State, architecture: str) -> State:
    if any(name.startswith(BACKBONE) for name in state):
        return state
    classifier = f"{classifier_name(architecture)}."

    def ours(name: str) -> str:
        in_head = name.startswith(classifier)
        return f"{HEAD}{OUTPUT}.{name.removeprefix(classifier)}" if in_head else f"{BACKBONE}{name}"

    return {ours(name): tensor for name, tensor in state.items()}


def _same_head(head: State, own: State) -> State:
    """The trained head if it has the same shape as ours, as in a bundle that is trained further; otherwise nothing."""
    fits = {name: tensor.shape for name, tensor in head.items()} == {
        name: tensor.shape for name, tensor in own.items() if name.startswith(HEAD)
    }
    return head if fits else {}


def _start_from_imagenet(network: BreedNetwork, head: State, label_names: list[str]) -> int:
    weight, bias = (head.get(f"{HEAD}{OUTPUT}.{kind}") for kind in ("weight", "bias"))
    output = cast(nn.Linear, network.head.get_submodule(OUTPUT))
    if weight is None or bias is None or len(weight) != IMAGENET_CLASSES or output.weight.shape[1] != weight.shape[1]:
        return 0
    rows = imagenet_rows(label_names)
    with torch.no_grad():
        for index, row in rows.items():
            output.weight[index] = weight[row]
            output.bias[index] = bias[row]
    return len(rows)


def imagenet_rows(label_names: list[str]) -> dict[int, int]:
    """The row in ImageNet's head for the index of every label that is an ImageNet class."""
    categories: list[str] = ResNet50_Weights.DEFAULT.meta["categories"]
    row_of = {_plain(category): row for row, category in enumerate(categories)}
    return {index: row_of[_plain(label)] for index, label in enumerate(label_names) if _plain(label) in row_of}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower()).strip()
