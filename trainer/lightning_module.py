"""How one step of training goes: loss, frozen backbone, optimizer, schedule."""

import copy
import math
from typing import Any

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn import functional as F
from torchmetrics.classification import MulticlassAccuracy

from trainer.architectures import head_prefix
from trainer.datasets import Batch
from trainer.recipe import Optimizer, Recipe


class BreedTraining(LightningModule):
    """A network in training, as its recipe says. `network` gives logits `[n, classes]` for images `[n, 3, h, w]`."""

    def __init__(self, network: nn.Module, recipe: Recipe, classes: int) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self.recipe = recipe
        self.train_acc1 = MulticlassAccuracy(classes, average="micro")
        self.val_acc1 = MulticlassAccuracy(classes, average="micro")
        # In a list, so that it is no submodule: it is neither trained nor saved.
        self._teacher: list[nn.Module] = [copy.deepcopy(network).eval()] if recipe.training.distillation else []

    @property
    def backbone_is_frozen(self) -> bool:
        return self.current_epoch < self.recipe.training.frozen_epochs

    def on_train_epoch_start(self) -> None:
        prefix = head_prefix(self.network)
        for name, parameter in self.network.named_parameters():
            parameter.requires_grad_(name.startswith(prefix) or not self.backbone_is_frozen)
        if self.backbone_is_frozen:
            # Frozen means its batch statistics too. Only dropout, which belongs to the head, stays in training mode.
            for module in self.network.modules():
                module.train(isinstance(module, nn.Dropout))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        images, targets = _channels_last(batch)
        logits = self.network(images).float()
        loss = F.cross_entropy(logits, targets, label_smoothing=self.recipe.training.label_smoothing)
        for teacher in self._teacher:
            said = distillation_loss(teacher.to(images.device), images, logits)
            loss = torch.lerp(loss, said, self.recipe.training.distillation)
        self.train_acc1(logits, targets)
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(targets))
        self.log("train_acc1", self.train_acc1, on_step=False, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        images, targets = _channels_last(batch)
        logits = self.network.forward(images).float()  # not compiled: that would not pay for one pass an epoch
        self.val_acc1(logits, targets)
        self.log("val_loss", F.cross_entropy(logits, targets), prog_bar=True, batch_size=len(targets))
        self.log("val_acc1", self.val_acc1, prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        settings = self.recipe.optimizer
        groups = parameter_groups(self.network, settings)
        optimizer: torch.optim.Optimizer = (
            torch.optim.AdamW(groups)
            if settings.name == "adamw"
            else torch.optim.SGD(groups, lr=settings.lr, momentum=0.9, nesterov=True)
        )
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, WarmupCosine(steps, settings.warmup))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def distillation_loss(teacher: nn.Module, images: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy against what the teacher says of the same images (Hinton et al. 2015, at temperature 1)."""
    with torch.no_grad():
        target = teacher(images).float().softmax(dim=1)
    return F.cross_entropy(logits, target)


class WarmupCosine:
    """The factor of the learning rate at a step: a straight line up, then half a cosine down to zero."""

    def __init__(self, steps: int, warmup: float) -> None:
        self.steps = max(steps, 1)
        self.warmup_steps = max(round(steps * warmup), 1)

    def __call__(self, step: int) -> float:
        return min((step + 1) / self.warmup_steps, 0.5 * (1 + math.cos(math.pi * min(step / self.steps, 1))))


def parameter_groups(network: nn.Module, settings: Optimizer) -> list[dict[str, Any]]:
    """Head and backbone apart (their rates differ), and in each the matrices, which decay, apart from the vectors."""
    prefix = head_prefix(network)
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith(prefix), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": settings.lr * (1.0 if is_head else settings.backbone_lr_factor),
            "weight_decay": settings.weight_decay if is_matrix else 0.0,
        }
        for (is_head, is_matrix), parameters in groups.items()
    ]


def _channels_last(batch: Batch) -> Batch:
    images, targets = batch
    return images.contiguous(memory_format=torch.channels_last), targets
