"""Tensors beside the trained network, from which a bundle's scores are computed."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

State = dict[str, Tensor]
ImagenetHead = tuple[Tensor, Tensor]  # weight `[1000, d]` and bias `[1000]`

IMAGENET_CLASSES = 1000
# ImageNet's dogs in the order of its sorted WordNet ids: the breeds, and dingo, dhole and African hunting dog.
DOG_ROWS = [*range(151, 269), 273, 274, 275]
# What a dog wears or draws is no evidence against a dog: dogsled and muzzle.
BESIDE_DOGS = {537, 676}
OTHER_ROWS = sorted(set(range(IMAGENET_CLASSES)) - set(DOG_ROWS) - BESIDE_DOGS)

IMAGENET_NAMES = ("imagenet.weight", "imagenet.bias")  # in a bundle's weights
CENTER_NAME = "center"
KNOWN_NAMES = ("known.weight", "known.energy", "known.bias")


class KnownBreeds(NamedTuple):
    """The logit of a known breed is inputs of the last layer @ weight + energy * (energy of the logits) + bias.

    weight: `[k]`. energy, bias: scalars.
    """

    weight: Tensor
    energy: Tensor
    bias: Tensor


@dataclass(frozen=True)
class ScoreTensors:
    """Tensors beside the trained network, from which the served scores are computed.

    Attributes:
        imagenet: ImageNet's head for the backbone, from before training: weight `[1000, d]` and bias `[1000]`.
        center: the mean input of the head's last layer over the validation photos: `[k]`.
        known: tells dogs of the network's breeds from dogs of other breeds.
    """

    imagenet: ImagenetHead | None = None
    center: Tensor | None = None
    known: KnownBreeds | None = None

    def state(self) -> State:
        state: State = {}
        if self.imagenet is not None:
            # Half precision is enough: only differences of its logits matter, which are much larger than rounding.
            state |= {name: tensor.half() for name, tensor in zip(IMAGENET_NAMES, self.imagenet, strict=True)}
        if self.center is not None:
            state[CENTER_NAME] = self.center.float()
        if self.known is not None:
            state |= {name: tensor.float() for name, tensor in zip(KNOWN_NAMES, self.known, strict=True)}
        return state


def network_tensors(state: State) -> State:
    """The tensors of the trained network among a bundle's weights."""
    beside = {*IMAGENET_NAMES, CENTER_NAME, *KNOWN_NAMES}
    return {name: tensor for name, tensor in state.items() if name not in beside}


def read_score_tensors(state: State) -> ScoreTensors:
    """The score tensors among a bundle's weights."""
    imagenet = [state[name] for name in IMAGENET_NAMES if name in state]
    known = [state[name] for name in KNOWN_NAMES if name in state]
    return ScoreTensors(
        (imagenet[0], imagenet[1]) if imagenet else None, state.get(CENTER_NAME), KnownBreeds(*known) if known else None
    )
