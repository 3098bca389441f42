"""One step of training: input, gradients, optimizer step, metrics, and which layers are frozen."""

import logging
from contextlib import AbstractContextManager
from typing import Any, cast

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.profilers import Profiler
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR
from torchmetrics import MeanMetric, Metric
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix

from trainer.distributed import ALONE, World
from trainer.networks.cutting import back_part
from trainer.networks.network import BreedNetwork
from trainer.networks.weights import Triple
from trainer.photos.loading import Batch
from trainer.recipes.recipe import Recipe
from trainer.training.augmentation import BatchAugmentation, Normalization, batch_mixing
from trainer.training.losses import Criterion, likeliest
from trainer.training.memory import BatchStart, split_batch
from trainer.training.optimizers import Schedule, build_optimizer
from trainer.training.randomness import seed_everything

logger = logging.getLogger(__name__)


class BreedTraining(LightningModule):
    """A network in training, as its recipe says.

    Batches are photos as bytes `[n, 3, h, w]`, features `[n, d]` of a frozen backbone, or activations `[n, c, h, w]` as
    floats of its part up to `training.cached_through`; and targets: class indices `[n]`, or shares `[n, classes]` that
    add up to the weight of each photo.

    Args:
        batch_size: photos in a whole batch, which the processes divide; None for those of a single process.
        steps: optimizer steps of the whole run. Lightning could count them, but it would open the data loader for that
            before a resumed run has restored the loader's position.
        taught: whether the targets hold the answers of teachers.
    """

    def __init__(
        self,
        network: BreedNetwork,
        recipe: Recipe,
        mean: Triple,
        std: Triple,
        *,
        steps: int,
        batch_size: int | None = None,
        seed: int = 0,
        class_weights: Tensor | None = None,
        world: World = ALONE,
        taught: bool = False,
    ) -> None:
        super().__init__()
        # With manual optimization a batch that does not fit into the GPU's memory can be taken in parts.
        self.automatic_optimization = False
        self.network = network.to(memory_format=torch.channels_last)
        self.recipe = recipe
        self.steps = steps
        self.batch_size = batch_size if world.size > 1 else None
        self.seed = seed
        self.world = world
        self.parts = 1  # in which a batch is taken
        classes = cast(nn.Linear, network.head[-1]).out_features
        self.augment = BatchAugmentation(recipe.augmentation, recipe.input.train_size, self.world)
        self.normalize = Normalization(mean, std)
        self.mix = batch_mixing(recipe.augmentation, classes)
        self.criterion = Criterion(recipe.training, network, class_weights, taught)
        self.train_loss, self.val_loss = MeanMetric(), MeanMetric()
        self.train_acc1 = MulticlassAccuracy(classes, average="micro")
        self.val_acc1 = MulticlassAccuracy(classes, average="micro")
        self.val_confusion = MulticlassConfusionMatrix(classes, validate_args=False)  # [true, predicted]
        self.resumed_measures: dict[str, Any] = {}
        for metric in self._train_measures().values():
            metric.persistent(True)  # a run may be stopped in the middle of an epoch

    def _train_measures(self) -> dict[str, Metric]:
        return {"train_loss": self.train_loss, "train_acc1": self.train_acc1}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["parts"] = self.parts
        measures = checkpoint["train_measures"] = {}
        for name, metric in self._train_measures().items():
            with metric.sync_context():  # of all processes: another number of them may resume
                measures[name] = {key: value.cpu() for key, value in metric.state_dict().items()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        # Checkpoints of earlier versions do not have it. Several processes divide a batch between them already.
        self.parts = checkpoint.get("parts", 1) if self.world.size == 1 else 1
        self.resumed_measures = checkpoint.get("train_measures", {})

    def on_train_start(self) -> None:
        for name, state in self.resumed_measures.items():
            metric = self._train_measures()[name]
            metric.reset()
            if self.world.writes:  # one process counts what all had counted
                metric.load_state_dict(state)
        self._freeze()  # a run that resumes in the middle of an epoch has no `on_train_epoch_start`

    def on_train_epoch_start(self) -> None:
        self._freeze()
        for metric in self._train_measures().values():
            metric.reset()  # the checkpoint of an epoch's end still holds that epoch's values

    def _freeze(self) -> None:
        """A frozen backbone is in evaluation mode: its batch statistics stay, and it has no dropout."""
        training, epoch = self.recipe.training, self.current_epoch
        learns = training.trains_backbone(epoch)
        self.network.train()
        self.network.backbone.eval().requires_grad_(False)
        if learns:
            self.trained_part().train().requires_grad_(True)
        else:
            for part in training.thawed(epoch):
                self.network.backbone.get_submodule(part).train().requires_grad_(True)
        if training.batch_statistics == "kept":
            for layer in self.network.backbone.modules():
                if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                    layer.eval()

    def trained_part(self) -> nn.Module:
        """The backbone, or only its layers after `training.cached_through`."""
        through = self.recipe.training.cached_through
        return back_part(self.network.backbone, through) if through else self.network.backbone

    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        """One step. Returns the mean loss of the batch, and the number of photos that were classified correctly."""
        seed_everything(self.seed, self.current_epoch, batch_idx)
        inputs, targets = batch
        labels = likeliest(targets)
        if inputs.dtype == torch.uint8:
            with self.phase("augmentation"):
                inputs = self.normalize(self.augment(inputs, self.batch_size))
                if self.mix and torch.rand(()) < self.recipe.augmentation.mix_share:
                    inputs, targets = self.mix(inputs, targets)
        loss, logits = self.forward_backward(inputs, targets)
        with self.phase("optimizer"):
            self.step()
        with self.phase("metrics"):
            self.train_loss.update(loss, len(labels))
            self.train_acc1.update(logits, labels)
            self.log("train_loss_step", loss, prog_bar=True)
            self.log("train_loss", self.train_loss, on_step=False, on_epoch=True)
            self.log("train_acc1", self.train_acc1, on_step=False, on_epoch=True, prog_bar=True)
        return {"loss": loss, "correct": (logits.argmax(dim=1) == labels).float().sum()}

    def phase(self, name: str) -> AbstractContextManager[str]:
        """Names a part of a step for Lightning's profiler, which is off unless `manage.py profile` measures."""
        profiler: Profiler = self.trainer.profiler  # type: ignore[attr-defined]  # Lightning sets it from outside
        return profiler.profile(name)

    def forward_backward(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Computes the gradients of a batch. Returns its loss and its logits.

        A batch that does not fit into the GPU's memory is tried again in twice as many parts. So are all batches after
        it, also in a resumed run. The result is what it would have been with that many parts at the first try.

        Raises:
            torch.OutOfMemoryError: a single photo does not fit; or several processes train, which have to agree on
                the number of parts.
        """
        start = BatchStart(self.network, inputs.device)
        while True:
            try:
                self._optimizer().zero_grad()
                parts = split_batch(inputs, targets, self.parts)
                results = [self._forward_backward_part(*part, len(inputs)) for part in parts]
                return torch.stack([loss for loss, _ in results]).sum(), torch.cat([logits for _, logits in results])
            except torch.OutOfMemoryError:
                if self.parts >= len(inputs) or self.world.size > 1:
                    raise
            # Outside of `except`: the error itself holds on to the tensors that did not fit.
            self._take_smaller_parts(len(inputs))
            start.restore()

    def _forward_backward_part(self, inputs: Tensor, targets: Tensor, batch_size: int) -> tuple[Tensor, Tensor]:
        with self.phase("forward"):
            logits = self.logits(inputs, compiled=True).float()
            loss = self.criterion(inputs, logits, targets) * (len(inputs) / batch_size)
        with self.phase("backward"):
            self.manual_backward(loss * self._share(batch_size))
        return loss.detach(), logits.detach()

    def _share(self, photos: int) -> float:
        """The weight of this process's photos relative to an equal share: DDP takes the mean over the processes."""
        return photos * self.world.size / self.batch_size if self.batch_size else 1.0

    def logits(self, inputs: Tensor, compiled: bool = False) -> Tensor:
        """Logits `[n, classes]` of normalized images, of activations, or of features.

        Args:
            compiled: whether to run the compiled network, if it is. It is compiled for one shape of a batch.
        """
        if inputs.ndim < 4:
            return self.network.answer(inputs)
        if self.recipe.training.cached_through:
            activations = inputs.float().contiguous(memory_format=torch.channels_last)
            return cast(Tensor, self.network.head(self.trained_part()(activations)))
        return cast(Tensor, self.network(inputs) if compiled else self.network.forward(inputs))

    def _take_smaller_parts(self, photos: int) -> None:
        self.parts = min(2 * self.parts, photos)
        torch.cuda.empty_cache()
        logger.info("Out of GPU memory: from now on a batch is taken in parts of %d.", -(-photos // self.parts))

    def step(self) -> None:
        """One step of the optimizer and of its schedule, with the current gradients."""
        self._optimizer().step()
        cast(LambdaLR, self.lr_schedulers()).step()

    def _optimizer(self) -> LightningOptimizer:
        return cast(LightningOptimizer, self.optimizers())

    def on_validation_epoch_start(self) -> None:
        self.val_confusion.reset()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        inputs, targets = batch
        if len(targets) > 0:  # the last batch may have fewer photos than there are processes
            self._update_validation(inputs, targets)
        metrics: dict[str, Metric] = {"val_loss": self.val_loss, "val_acc1": self.val_acc1}
        self.log_dict(metrics, on_step=False, on_epoch=True, prog_bar=True)

    def _update_validation(self, inputs: Tensor, targets: Tensor) -> None:
        # Not compiled: that would not pay for one pass an epoch.
        logits = self.logits(self.normalize(inputs) if inputs.dtype == torch.uint8 else inputs)
        self.val_loss.update(F.cross_entropy(logits.float(), targets), len(targets))
        self.val_acc1.update(logits.float(), targets)
        self.val_confusion.update(logits.float(), targets)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        settings = self.recipe.optimizer
        optimizer = build_optimizer(self.network, settings)
        return {"optimizer": optimizer, "lr_scheduler": LambdaLR(optimizer, Schedule(settings, self.steps))}
