"""The training loss: cross-entropy, with label smoothing, class weights and distillation as the recipe says."""

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.networks.network import BreedNetwork
from trainer.recipes.recipe import Training


class Criterion(nn.Module):
    """(images or features, logits `[n, classes]`, class indices `[n]` or shares `[n, classes]`) -> loss.

    With distillation the teacher is a copy of `network` as it is now, before training.
    """

    def __init__(self, settings: Training, network: BreedNetwork, class_weights: Tensor | None) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("class_weights", class_weights, persistent=False)
        # In a list, so that it is no submodule: it is neither trained nor saved.
        self._teacher: list[nn.Module] = [_teacher_of(network)] if settings.distillation else []

    def forward(self, images: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        weights = cast(Tensor | None, self.class_weights)
        loss = F.cross_entropy(logits, targets, weight=weights, label_smoothing=self.settings.label_smoothing)
        for teacher in self._teacher:
            distilled = distillation_loss(teacher.to(images.device), images, logits)
            loss = torch.lerp(loss, distilled, self.settings.distillation)
        return loss


def _teacher_of(network: BreedNetwork) -> BreedNetwork:
    teacher = copy.deepcopy(network).eval()
    teacher.mirror = False  # it sees the same images as the network that is trained
    return teacher


def distillation_loss(teacher: nn.Module, images: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy against the teacher's probabilities of the same images (Hinton et al. 2015, at temperature 1)."""
    with torch.no_grad():
        target = teacher(images).float().softmax(dim=1)
    return F.cross_entropy(logits, target)
