"""The weights that a retraining starts from: the bundle's, with rows in its head for breeds that are new."""

from collections.abc import Mapping, Sequence
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


def starting_weights(
    bundle: Bundle, label_names: list[str], photos: Sequence[LabelledPhoto], progress: ProgressBar = silent
) -> Pretrained:
    """The bundle's weights for a head with the classes `label_names`.

    The row of a new breed points from the mean input of the last layer to the mean input for that breed's photos, as in
    weight imprinting (Qi et al. 2018). Its norm is the mean norm of the other rows, and for the mean input its logit is
    the mean of theirs.

    Args:
        label_names: all of the bundle's, and those of new breeds; sorted.
        photos: to train on; those of new breeds are looked at.

    Raises:
        PhotoError: a file is no photo.
        WeightsError: the bundle's weights cannot be read.
    """
    pretrained = read_weights(bundle.weights, bundle.config.architecture)
    assert pretrained is not None  # a file always has weights
    old = bundle.config.label_names
    new = sorted(set(label_names) - set(old))
    if not new:
        return pretrained
    network, scores = bundle_network(bundle)
    inputs = _mean_inputs(network, bundle, [photo for photo in photos if photo.breed in new], new, progress)
    last = cast(nn.Linear, network.head.get_submodule(OUTPUT))
    center = torch.stack(list(inputs.values())).mean(dim=0) if scores.center is None else scores.center
    weight, bias = _with_rows(last.weight.detach(), last.bias.detach(), old, label_names, inputs, center)
    state = {**pretrained.state, f"{HEAD}{OUTPUT}.weight": weight, f"{HEAD}{OUTPUT}.bias": bias}
    return Pretrained(state, pretrained.source, pretrained.mean, pretrained.std)


@torch.inference_mode()
def _mean_inputs(
    network: BreedNetwork, bundle: Bundle, photos: list[LabelledPhoto], breeds: list[str], progress: ProgressBar
) -> dict[str, Tensor]:
    """The mean input `[k]` of the last layer for the photos of each breed."""
    seen: list[Tensor] = []
    labels: list[Tensor] = []
    with progress("Looking at the new breeds") as looking:
        for images, targets in serving_loader(photos, bundle.config, BATCH_SIZE, 0, breeds):
            seen.append(network.head[:-1](network.backbone(images)))
            labels.append(targets)
            looking(sum(map(len, seen)), len(photos))
    inputs, classes = torch.cat(seen), torch.cat(labels)
    return {breed: inputs[classes == index].mean(dim=0) for index, breed in enumerate(breeds)}


def _with_rows(
    weight: Tensor, bias: Tensor, old: list[str], labels: list[str], inputs: Mapping[str, Tensor], center: Tensor
) -> tuple[Tensor, Tensor]:
    norm, usual = weight.norm(dim=1).mean(), (weight @ center + bias).mean()
    rows, biases = [], []
    for label in labels:
        if label in inputs:
            away = inputs[label] - center
            row = norm * away / away.norm().clamp(min=SMALLEST_NORM)
            rows.append(row)
            biases.append(usual - row @ center)
        else:
            rows.append(weight[old.index(label)])
            biases.append(bias[old.index(label)])
    return torch.stack(rows), torch.stack(biases)
