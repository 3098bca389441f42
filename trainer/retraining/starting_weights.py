"""The weights that a retraining starts from: the bundle's, with rows in its head for breeds that are new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn

from dogbreed.model.bundle import Bundle
from trainer.bundles.export import bundle_network
from trainer.networks.network import OUTPUT, BreedNetwork
from trainer.networks.weights import HEAD, Pretrained, read_weights
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import serving_loader
from trainer.progress import ProgressBar, silent

BATCH_SIZE = 16
SMALLEST_NORM = 1e-6
# Of the logits of a new row, which start low so that the old breeds keep their photos. Training raises them.
ABOVE_RIVAL = 2.0  # for the mean photo of the breed: above the largest old logit
BELOW_USUAL = 1.0  # for the mean photo of all breeds: below the mean old logit


@dataclass(frozen=True)
class _Seen:
    """Photos of a new breed: the mean input `[k]` of the last layer, and the mean of the largest old logits."""

    inputs: Tensor
    rival: Tensor


def starting_weights(
    bundle: Bundle, label_names: list[str], photos: Sequence[LabelledPhoto], progress: ProgressBar = silent
) -> Pretrained:
    """The bundle's weights for a head with the classes `label_names`.

    The row of a new breed points from the mean input of the last layer to the mean input for that breed's photos, as in
    weight imprinting (Qi et al. 2018). Its length follows from the old logits: see `ABOVE_RIVAL`.

    Args:
        label_names: all of the bundle's, and those of new breeds; sorted.
        photos: to train on; those of new breeds are looked at.

    Raises:
        PhotoError: a file is no photo.
        WeightsError: the bundle's weights cannot be read.
    """
    pretrained = read_weights(bundle.weights, bundle.config.architecture)
    assert pretrained is not None  # a file always has weights
    pretrained = replace(pretrained, source=bundle.config.provenance.backbone_weights)  # what it was pretrained on
    old = bundle.config.label_names
    new = sorted(set(label_names) - set(old))
    if not new:
        return pretrained
    network, scores = bundle_network(bundle)
    seen = _look(network, bundle, [photo for photo in photos if photo.breed in new], new, progress)
    last = cast(nn.Linear, network.head.get_submodule(OUTPUT))
    weight, bias = last.weight.detach(), last.bias.detach()
    # Bundles of earlier versions do not have the mean input.
    center = torch.zeros(weight.shape[1]) if scores.center is None else scores.center
    rows = {label: (weight[index], bias[index]) for index, label in enumerate(old)}
    rows |= {breed: _new_row(weight, bias, each, center) for breed, each in seen.items()}
    chosen = [rows[label] for label in label_names]
    state = {
        **pretrained.state,
        f"{HEAD}{OUTPUT}.weight": torch.stack([row for row, _ in chosen]),
        f"{HEAD}{OUTPUT}.bias": torch.stack([shift for _, shift in chosen]),
    }
    return replace(pretrained, state=state)


@torch.inference_mode()
def _look(
    network: BreedNetwork, bundle: Bundle, photos: list[LabelledPhoto], breeds: list[str], progress: ProgressBar
) -> dict[str, _Seen]:
    inputs, rivals, labels = [], [], []
    with progress("Looking at the new breeds") as looking:
        for images, targets in serving_loader(photos, bundle.config, BATCH_SIZE, 0, breeds):
            inputs.append(network.head[:-1](network.backbone(images)))
            rivals.append(network.head[-1](inputs[-1]).amax(dim=1))
            labels.append(targets)
            looking(sum(map(len, labels)), len(photos))
    of_all, largest, classes = torch.cat(inputs), torch.cat(rivals), torch.cat(labels)
    return {
        breed: _Seen(of_all[classes == index].mean(dim=0), largest[classes == index].mean())
        for index, breed in enumerate(breeds)
    }


def _new_row(weight: Tensor, bias: Tensor, seen: _Seen, center: Tensor) -> tuple[Tensor, Tensor]:
    """Weight `[k]` and bias of the row for a new breed."""
    away = seen.inputs - center
    usual = (weight @ center + bias).mean() - BELOW_USUAL
    row = (seen.rival + ABOVE_RIVAL - usual) * away / (away @ away).clamp(min=SMALLEST_NORM)
    return row, usual - row @ center
