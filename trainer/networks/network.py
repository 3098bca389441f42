"""Networks by name, each with a backbone that computes features and a head that classifies them."""

from collections import OrderedDict
from functools import cache
from typing import cast

import timm
import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models import get_model, list_models

from dogbreed.errors import DogbreedError
from trainer.networks.inception_2015 import INCEPTION_2015, inception_2015
from trainer.networks.joined import JOIN, JoinedBackbones
from trainer.recipes.recipe import Head, Recipe

SIMPLE_CNN = "simple-cnn"
OUTPUT = "output"  # the name of a head's last layer


class NetworkError(DogbreedError):
    """A network cannot be built; the message says what is available."""


class BreedNetwork(nn.Module):
    """`backbone`: images float `[n, 3, h, w]` -> features `[n, d]`; `head`: features -> logits `[n, classes]`.

    With `mirror`, its logits in evaluation mode are the mean over an image and its mirror image.
    """

    def __init__(self, backbone: nn.Module, head: nn.Sequential, mirror: bool = False) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.mirror = mirror

    def forward(self, images: Tensor) -> Tensor:
        if self.training or not self.mirror:
            return cast(Tensor, self.head(self.backbone(images)))
        logits = self.head(self.backbone(torch.cat([images, images.flip(3)])))
        mirrored = images.shape[0]  # the ONNX exporter would take len() for a constant
        return cast(Tensor, (logits[:mirrored] + logits[mirrored:]) / 2)

    def answer(self, features: Tensor) -> Tensor:
        """Logits `[n, classes]` of features `[n, d]`, or the mean logits over k views of features `[n, k, d]`."""
        if features.ndim == 2:
            return cast(Tensor, self.head(features))
        return cast(Tensor, self.head(features.flatten(0, 1)).unflatten(0, features.shape[:2]).mean(dim=1))


def build_network(architecture: str, classes: int, head: Head, size: int, mirror: bool = False) -> BreedNetwork:
    """A network with random weights: of torchvision, of timm, `simple-cnn` or `inception_v3-2015`, or several with `+`.

    Args:
        size: height and width of its images.
        mirror: whether its logits are the mean over an image and its mirror image.

    Raises:
        NetworkError: no such architecture, or none for images of that size.
    """
    backbone = build_backbone(architecture)
    width = _feature_width(backbone, architecture, size)
    return BreedNetwork(backbone, build_head(width, classes, head), mirror)


def network_of(recipe: Recipe, classes: int) -> BreedNetwork:
    """The network that a recipe describes, with random weights. Raises `NetworkError`: see `build_network`."""
    return build_network(recipe.architecture, classes, recipe.head, recipe.input.size, recipe.input.mirror)


def build_backbone(architecture: str) -> nn.Module:
    """A backbone by its name, or several side by side whose names are joined by `+`. Raises `NetworkError`."""
    if JOIN in architecture:
        return JoinedBackbones([build_backbone(part) for part in architecture.split(JOIN)])
    if architecture == SIMPLE_CNN:
        return SimpleCNN()
    if architecture == INCEPTION_2015:
        return inception_2015()
    if architecture in torchvision_names():
        return _torchvision_backbone(architecture)
    if architecture in timm_names():
        return timm.create_model(architecture, pretrained=False, num_classes=0)
    raise NetworkError(
        f"There is no architecture {architecture!r}. Choose {SIMPLE_CNN}, a classifier of torchvision "
        f"({', '.join(sorted(torchvision_names()))}), one of timm ({len(timm_names())} names: timm.list_models()), "
        f"or {INCEPTION_2015}. Names joined by {JOIN} are networks side by side."
    )


@cache
def torchvision_names() -> frozenset[str]:
    return frozenset(list_models(module=models))


@cache
def timm_names() -> frozenset[str]:
    return frozenset(timm.list_models())


def build_head(width: int, classes: int, head: Head) -> nn.Sequential:
    """The head that a recipe describes, from `width` features to `classes` logits."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if head.batch_norm:
        layers["norm"] = nn.BatchNorm1d(width)
    for number, hidden in enumerate(head.hidden, start=1):
        layers[f"hidden{number}"] = nn.Linear(width, hidden)
        layers[f"relu{number}"] = nn.ReLU()
        width = hidden
    layers["dropout"] = nn.Dropout(head.dropout)
    layers[OUTPUT] = nn.Linear(width, classes)
    return nn.Sequential(layers)


def classifier_name(architecture: str) -> str:
    """The prefix of the classifier's weights in the library's own files: `fc`, `classifier.1`."""
    if architecture in torchvision_names():
        with torch.device("meta"):
            return _last_linear(get_model(architecture, weights=None, **_without_auxiliary(architecture)))
    config = timm.get_pretrained_cfg(architecture) if architecture in timm_names() else None
    return str(config.classifier) if config and config.classifier else OUTPUT


def _torchvision_backbone(architecture: str) -> nn.Module:
    network = cast(nn.Module, get_model(architecture, weights=None, **_without_auxiliary(architecture)))
    if architecture.startswith("squeezenet"):  # its classifier is a convolution
        network.classifier = nn.AdaptiveAvgPool2d(1)
        return network
    *_, classifier = network.children()
    for layer in classifier.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0  # the head has its own dropout
    network.set_submodule(_last_linear(network), nn.Identity())
    return network


def _without_auxiliary(architecture: str) -> dict[str, bool]:
    return {"aux_logits": False, "init_weights": True} if architecture in ("googlenet", "inception_v3") else {}


def _last_linear(network: nn.Module) -> str:
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    return names[-1] if names else "classifier"


def _feature_width(backbone: nn.Module, architecture: str, size: int) -> int:
    mode = backbone.training
    try:
        with torch.inference_mode():
            features = backbone.eval()(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise NetworkError(f"{architecture} does not take images of {size} by {size} pixels: {error}") from error
    finally:
        backbone.train(mode)
    if features.ndim != 2:
        raise NetworkError(
            f"{architecture} has no features to classify: its output has the shape {tuple(features.shape)}."
        )
    return int(features.shape[1])


class SimpleCNN(nn.Sequential):
    """Two convolutions, each with ReLU and pooling, as in a first lesson. 32 * 8 * 8 features."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(3, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(8),
            nn.Flatten(),
        )
