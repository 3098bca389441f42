"""The network that a bundle serves: logits, class activation maps, and scores that recognise unknown photos."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn

from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, DOG, FAMILIARITY, KNOWN_BREED, OUTPUT
from trainer.networks.network import OUTPUT as LAST_LAYER
from trainer.networks.network import BreedNetwork
from trainer.networks.score_tensors import DOG_ROWS, OTHER_ROWS, ScoreTensors, State

SMALLEST_NORM = 1e-6
KNOWN_NAMES = ("known_weight", "known_energy", "known_bias")


class ServedNetwork(nn.Module):
    """`image` float `[n, 3, h, w]` -> the outputs named by `names`, in that order.

    logits `[n, classes]`: those of `BreedNetwork`.
    class activation maps `[n, classes, rows, columns]`: what each place of the photo adds to each logit (Zhou et al.
        2016). Their mean over the places is the logits. They need features that are the mean of a map, and an affine
        head; otherwise `no_class_activation_maps` says why there are none.
    dog `[n]`: ImageNet's largest logit of a dog minus its largest logit of anything that excludes a dog.
    familiarity `[n]` in -1..1: the largest cosine between the centred input of the last layer and the weights of a
        class, as in the neural-collapse-inspired detector (Liu and Qin 2025).
    known_breed `[n]`: the logit of the probability that the dog is of one of the classes: see
        `trainer.calibration.known_breeds`.
    """

    def __init__(self, network: BreedNetwork, score_tensors: ScoreTensors, size: int) -> None:
        super().__init__()
        self.network = network
        self.hidden = network.head[:-1]
        self.last = cast(nn.Linear, network.head.get_submodule(LAST_LAYER))
        affine = all(isinstance(layer, nn.BatchNorm1d | nn.Dropout | nn.Linear) for layer in network.head)
        self.map_of = find_map(network.backbone, size) if affine else None
        self.no_class_activation_maps = "" if self.map_of else _reason(affine)
        self.with_imagenet, self.with_center = score_tensors.imagenet is not None, score_tensors.center is not None
        self.with_known = score_tensors.known is not None
        if score_tensors.imagenet is not None:
            self.register_buffer("imagenet_weight", score_tensors.imagenet[0].half())
            self.register_buffer("imagenet_bias", score_tensors.imagenet[1].half())
        if score_tensors.center is not None:
            self.register_buffer("center", score_tensors.center.float())
        if score_tensors.known is not None:
            for name, tensor in zip(KNOWN_NAMES, score_tensors.known, strict=True):
                self.register_buffer(name, tensor.float())

    @property
    def names(self) -> list[str]:
        wanted = {
            OUTPUT: True,
            CLASS_ACTIVATION_MAPS: self.map_of,
            DOG: self.with_imagenet,
            FAMILIARITY: self.with_center,
            KNOWN_BREED: self.with_known,
        }
        return [name for name, is_there in wanted.items() if is_there]

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        outputs, _ = self.look(images)
        return tuple(outputs[name] for name in self.names)

    def look(self, images: Tensor) -> tuple[State, Tensor]:
        """The outputs by name, and the inputs of the last layer `[n, k]`."""
        mirror, n = self.network.mirror, images.shape[0]
        views = torch.cat([images, images.flip(3)]) if mirror else images

        def mean(of_views: Tensor) -> Tensor:
            return (of_views[:n] + of_views[n:]) / 2 if mirror else of_views

        with watched(self.network.backbone, self.map_of) as maps:
            features = self.network.backbone(views)
        inputs = self.hidden(features)
        outputs = {OUTPUT: mean(self.last(inputs))}
        if self.map_of:
            seen = _channels_first(maps[self.map_of], features.shape[1])
            both = (seen[:n] + seen[n:].flip(3)) / 2 if mirror else seen
            outputs[CLASS_ACTIVATION_MAPS] = self._class_activation_maps(both)
        if self.with_imagenet:
            outputs[DOG] = self._dog(mean(features))
        if self.with_center:
            outputs[FAMILIARITY] = self.familiarity(outputs[OUTPUT], mean(inputs), cast(Tensor, self.center))
        if self.with_known:
            outputs[KNOWN_BREED] = self._known_breed(outputs[OUTPUT], mean(inputs))
        return outputs, mean(inputs)

    def _class_activation_maps(self, maps: Tensor) -> Tensor:
        """The head applied to every place. It is affine, so the mean of the results is its result for the mean.

        Its layers become convolutions. With the maps reshaped to rows for the linear layer, OpenVINO 2026.4 computes
        wrong logits in int8: the mean over the places and the rows share a tensor, of which it changes the layout.
        """
        for layer in self.network.head:
            if isinstance(layer, nn.Linear):
                maps = nn.functional.conv2d(maps, layer.weight[:, :, None, None], layer.bias)
            elif isinstance(layer, nn.BatchNorm1d):
                statistics = cast(Tensor, layer.running_mean), cast(Tensor, layer.running_var)
                maps = nn.functional.batch_norm(maps, *statistics, layer.weight, layer.bias, eps=layer.eps)
        return maps

    def _dog(self, features: Tensor) -> Tensor:
        weight, bias = cast(Tensor, self.imagenet_weight).float(), cast(Tensor, self.imagenet_bias).float()
        logits = nn.functional.linear(features, weight, bias)
        return logits[:, DOG_ROWS].amax(dim=1) - logits[:, OTHER_ROWS].amax(dim=1)

    def _known_breed(self, logits: Tensor, inputs: Tensor) -> Tensor:
        weight, energy, bias = (cast(Tensor, getattr(self, name)) for name in KNOWN_NAMES)
        known: Tensor = inputs @ weight + energy * logits.logsumexp(dim=1) + bias
        return known

    def familiarity(self, logits: Tensor, inputs: Tensor, center: Tensor) -> Tensor:
        # weight @ (input - center) is the logit minus a term that does not depend on the photo.
        weight, bias = self.last.weight, self.last.bias
        along: Tensor = (logits - (bias + weight @ center)) / weight.norm(dim=1).clamp(min=SMALLEST_NORM)
        familiarity: Tensor = along.amax(dim=1) / (inputs - center).norm(dim=1).clamp(min=SMALLEST_NORM)
        return familiarity


def _reason(affine: bool) -> str:
    if not affine:
        return "the head has hidden layers, so the places do not add up to the logits"
    return "the backbone's features are not the mean of a map over the photo"


@contextmanager
def watched(backbone: nn.Module, *names: str | None) -> Iterator[State]:
    """Yields the outputs of the named modules, once the backbone has run. Outputs that are not tensors are left out."""
    outputs: State = {}

    def keep(name: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                outputs[name] = output

        return hook

    handles = [backbone.get_submodule(name).register_forward_hook(keep(name)) for name in names if name is not None]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def find_map(backbone: nn.Module, size: int) -> str | None:
    """The last module whose output is a map over the photo with the backbone's features as its mean; None without one.

    It is found by running the backbone, so that this works for any network.
    """
    names = [name for name, _ in backbone.named_modules() if name]
    images = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    mode = backbone.training
    backbone.eval()
    with torch.inference_mode(), watched(backbone, *names) as outputs:
        features = backbone(images)
    backbone.train(mode)
    found = None
    for name, output in outputs.items():
        if output.ndim == 4 and features.shape[1] in (output.shape[1], output.shape[3]):
            maps = _channels_first(output, features.shape[1])
            is_map = maps.shape[2] * maps.shape[3] > 1
            scale = float(features.abs().max()) or 1.0
            if is_map and torch.allclose(maps.mean(dim=(2, 3)), features, rtol=1e-3, atol=1e-4 * scale):
                found = name
    return found


def _channels_first(output: Tensor, width: int) -> Tensor:
    return output if output.shape[1] == width else output.permute(0, 3, 1, 2)
