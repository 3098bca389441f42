"""The training loss: cross-entropy, with label smoothing, class weights and distillation as the recipe says.

The target of a photo is its class, or a share for each class. Shares add up to the weight of the photo.
"""

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks.network import BreedNetwork
from trainer.recipes.recipe import Training


class Criterion(nn.Module):
    """(images or features, logits `[n, classes]`, class indices `[n]` or shares `[n, classes]`) -> loss.

    With distillation the teacher is a copy of `network` as it is now, before training, unless `targets` hold the
    answers of teachers already.
    """

    def __init__(
        self, settings: Training, network: BreedNetwork, class_weights: Tensor | None, taught: bool = False
    ) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("class_weights", class_weights, persistent=False)
        # In a list, so that it is no submodule: it is neither trained nor saved.
        self._teacher: list[nn.Module] = [_teacher_of(network)] if settings.distillation and not taught else []

    def forward(self, images: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        weights, smoothing = cast(Tensor | None, self.class_weights), self.settings.label_smoothing
        for teacher in self._teacher:
            answers = probabilities(teacher.to(images.device), images)
            targets = distilled_targets(targets, answers, self.settings)
        if self.settings.distillation:  # the labels in the targets are smoothed already, and answers are not
            smoothing = 0.0
        if targets.ndim == 2 and smoothing:  # PyTorch would smooth as if every photo had the weight 1
            targets, smoothing = smooth(targets, smoothing), 0.0
        return F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing)


def distilled_targets(targets: Tensor, answers: Tensor, settings: Training) -> Tensor:
    """The mean of smoothed labels and a teacher's answers, which have the weight `settings.distillation`.

    Where the teacher finds the label less probable than `settings.doubt`, its answer alone is the target.

    Args:
        targets: class indices `[n]`, or shares `[n, classes]`.
        answers: the teacher's probabilities `[n, classes]`.

    Returns:
        Shares float32 `[n, classes]`; each row keeps the sum that it had in `targets`.
    """
    shares = F.one_hot(targets, answers.shape[1]).float() if targets.ndim == 1 else targets
    weights = shares.sum(dim=1, keepdim=True)
    of_label = (answers * shares).sum(dim=1, keepdim=True) / weights
    part = torch.where(of_label < settings.doubt, 1.0, settings.distillation)
    return (1 - part) * smooth(shares, settings.label_smoothing) + part * weights * answers


def smooth(shares: Tensor, smoothing: float) -> Tensor:
    """Label smoothing of shares `[n, classes]`: each row keeps its sum."""
    return (1 - smoothing) * shares + smoothing * shares.mean(dim=1, keepdim=True)


def likeliest(targets: Tensor) -> Tensor:
    """Class indices `[n]` of targets that are class indices or shares `[n, classes]`."""
    return targets.argmax(dim=1) if targets.ndim == 2 else targets


def weighted_targets(indices: Tensor, weights: Tensor, classes: int) -> Tensor:
    """Targets for photos of different weights: class indices `[n]` if all weights are 1, otherwise shares.

    Args:
        indices: class indices `[n]`.
        weights: float32 `[n]`, above 0.
    """
    if bool((weights == 1).all()):
        return indices
    return F.one_hot(indices, classes) * weights[:, None]


def _teacher_of(network: BreedNetwork) -> BreedNetwork:
    teacher = copy.deepcopy(network).eval()
    teacher.mirror = False  # it sees the same images as the network that is trained
    return teacher


@torch.no_grad()
def probabilities(teacher: nn.Module, images: Tensor) -> Tensor:
    """The teacher's probabilities `[n, classes]` of the same images (Hinton et al. 2015, at temperature 1)."""
    logits: Tensor = teacher(images)
    return logits.float().softmax(dim=1)
