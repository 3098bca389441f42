"""How one step of training goes: what the network sees, loss, what is frozen, optimizer, schedule."""

import copy
import math
from typing import Any, cast

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR
from torchmetrics import MeanMetric, Metric
from torchmetrics.classification import MulticlassAccuracy

from trainer.distributed import ALONE, World
from trainer.networks.network import BreedNetwork
from trainer.networks.weights import HEAD, Triple
from trainer.photos.loading import Batch
from trainer.recipes.recipe import Optimizer, Recipe
from trainer.training.augmentation import BatchAugmentation, Normalization, batch_mixing
from trainer.training.randomness import seed_everything


class BreedTraining(LightningModule):
    """A network in training, as its recipe says.

    Batches are photos as bytes `[n, 3, h, w]`, or features `[n, d]` of a frozen backbone, and class indices `[n]`.
    `steps` is how many of them there will be: Lightning would find out too, but by opening the loader before a run that
    is taken up again has found its place.
    """

    def __init__(
        self,
        network: BreedNetwork,
        recipe: Recipe,
        mean: Triple,
        std: Triple,
        *,
        steps: int,
        seed: int = 0,
        class_weights: Tensor | None = None,
        world: World = ALONE,
    ) -> None:
        super().__init__()
        # Steps are our own, so that a batch which does not fit into the GPU's memory can be taken in parts.
        self.automatic_optimization = False
        self.network = network.to(memory_format=torch.channels_last)
        self.recipe = recipe
        self.steps = steps
        self.seed = seed
        self.world = world
        self.parts = 1  # in which a batch is taken
        classes = cast(nn.Linear, network.head[-1]).out_features
        self.augment = BatchAugmentation(recipe.augmentation, recipe.input.train_size, self.world)
        self.normalize = Normalization(mean, std)
        self.mix = batch_mixing(recipe.augmentation, classes)
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.train_loss, self.val_loss = MeanMetric(), MeanMetric()
        self.train_acc1 = MulticlassAccuracy(classes, average="micro")
        self.val_acc1 = MulticlassAccuracy(classes, average="micro")
        for metric in (self.train_loss, self.train_acc1):
            metric.persistent(True)  # an epoch may be stopped in its middle
        # In a list, so that it is no submodule: it is neither trained nor saved.
        self._teacher: list[nn.Module] = [_teacher_of(network)] if recipe.training.distillation else []

    def on_train_start(self) -> None:
        self._freeze()  # an epoch that is taken up in its middle has no start

    def on_train_epoch_start(self) -> None:
        self._freeze()
        for metric in (self.train_loss, self.train_acc1):
            metric.reset()  # the checkpoint of an epoch's end still holds that epoch's

    def _freeze(self) -> None:
        """Frozen means batch statistics too, and dropout inside the backbone."""
        training, epoch = self.recipe.training, self.current_epoch
        learns = training.trains_backbone(epoch)
        self.network.train()
        self.network.backbone.train(learns).requires_grad_(learns)
        if not learns:
            for part in training.thawed(epoch):
                self.network.backbone.get_submodule(part).train().requires_grad_(True)

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        seed_everything(self.seed, self.current_epoch, batch_idx)
        inputs, targets = batch
        labels = targets
        if inputs.dtype == torch.uint8:
            inputs = self.normalize(self.augment(inputs))
            if self.mix and torch.rand(()) < self.recipe.augmentation.mix_share:
                inputs, targets = self.mix(inputs, targets)
        loss, logits = self.learn(inputs, targets)
        self.step()
        self.train_loss.update(loss, len(labels))
        self.train_acc1.update(logits, labels)
        self.log("train_loss_step", loss, prog_bar=True)
        self.log("train_loss", self.train_loss, on_step=False, on_epoch=True)
        self.log("train_acc1", self.train_acc1, on_step=False, on_epoch=True, prog_bar=True)

    def learn(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Gradients of a batch; taken in parts where the whole does not fit. Returns its loss and its logits."""
        while True:
            try:
                self._optimizer().zero_grad()
                taken = [self._learn_part(*part, len(inputs)) for part in self._parts_of(inputs, targets)]
                return torch.stack([loss for loss, _ in taken]).sum(), torch.cat([logits for _, logits in taken])
            except torch.OutOfMemoryError:
                if self.parts >= len(inputs) or self.world.size > 1:
                    raise
            # Outside of `except`: the error itself holds on to the tensors that did not fit.
            self._take_smaller_parts(len(inputs))

    def _parts_of(self, inputs: Tensor, targets: Tensor) -> list[tuple[Tensor, Tensor]]:
        return list(zip(inputs.chunk(self.parts), targets.chunk(self.parts), strict=True))

    def _learn_part(self, inputs: Tensor, targets: Tensor, whole: int) -> tuple[Tensor, Tensor]:
        from_features = inputs.ndim == 2
        logits = (self.network.answer(inputs) if from_features else self.network(inputs)).float()
        loss = self._criterion(inputs, logits, targets) * (len(inputs) / whole)
        self.manual_backward(loss)
        return loss.detach(), logits.detach()

    def _criterion(self, images: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        settings = self.recipe.training
        weights = cast(Tensor | None, self.class_weights)
        loss = F.cross_entropy(logits, targets, weight=weights, label_smoothing=settings.label_smoothing)
        for teacher in self._teacher:
            said = distillation_loss(teacher.to(images.device), images, logits)
            loss = torch.lerp(loss, said, settings.distillation)
        return loss

    def _take_smaller_parts(self, photos: int) -> None:
        self.parts *= 2
        torch.cuda.empty_cache()
        print(f"Out of GPU memory: from here on a batch is taken in parts of {-(-photos // self.parts)}.", flush=True)

    def step(self) -> None:
        """One step of the optimizer and of its schedule, along the gradients at hand."""
        self._optimizer().step()
        cast(LambdaLR, self.lr_schedulers()).step()

    def _optimizer(self) -> LightningOptimizer:
        return cast(LightningOptimizer, self.optimizers())

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        inputs, targets = batch
        # Not compiled: that would not pay for one pass an epoch.
        from_features = inputs.dtype != torch.uint8
        logits = self.network.answer(inputs) if from_features else self.network.forward(self.normalize(inputs))
        self.val_loss.update(F.cross_entropy(logits.float(), targets), len(targets))
        self.val_acc1.update(logits.float(), targets)
        metrics: dict[str, Metric] = {"val_loss": self.val_loss, "val_acc1": self.val_acc1}
        self.log_dict(metrics, on_step=False, on_epoch=True, prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        settings = self.recipe.optimizer
        optimizer = build_optimizer(self.network, settings)
        return {"optimizer": optimizer, "lr_scheduler": LambdaLR(optimizer, Schedule(settings, self.steps))}


def _teacher_of(network: BreedNetwork) -> BreedNetwork:
    teacher = copy.deepcopy(network).eval()
    teacher.mirror = False  # it sees what the learner sees
    return teacher


def distillation_loss(teacher: nn.Module, images: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy against what the teacher says of the same images (Hinton et al. 2015, at temperature 1)."""
    with torch.no_grad():
        target = teacher(images).float().softmax(dim=1)
    return F.cross_entropy(logits, target)


class Schedule:
    """The factor of the learning rate at a step: a straight line up, then what the recipe says."""

    def __init__(self, settings: Optimizer, steps: int) -> None:
        self.kind = settings.schedule
        self.steps = max(steps, 1)
        self.warmup_steps = max(round(steps * settings.warmup), 1)

    def __call__(self, step: int) -> float:
        done = min(step / self.steps, 1)
        left = {"cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done, "constant": 1.0}[self.kind]
        return min((step + 1) / self.warmup_steps, left)


def build_optimizer(network: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    groups = parameter_groups(network, settings)
    match settings.name:
        case "adamw":
            return torch.optim.AdamW(groups)
        case "adam":
            return torch.optim.Adam(groups)
        case "sgd":
            return torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, nesterov=settings.momentum > 0)


def parameter_groups(network: nn.Module, settings: Optimizer) -> list[dict[str, Any]]:
    """Head and backbone apart (their rates differ), and in each the matrices, which decay, apart from the vectors."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith(HEAD), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": settings.lr * (1.0 if is_head else settings.backbone_lr_factor),
            "weight_decay": settings.weight_decay if is_matrix else 0.0,
        }
        for (is_head, is_matrix), parameters in groups.items()
    ]
