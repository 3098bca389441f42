"""Watches a training, says what goes wrong and what to change, and ends hopeless runs if that is wanted."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.core import LightningModule
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from trainer.diagnosis.activation_checks import DeadReLU
from trainer.diagnosis.activations import ActivationCounts
from trainer.diagnosis.check import Check, FinishedEpoch, SampledStep
from trainer.diagnosis.clean_photos import CleanPhotos
from trainer.diagnosis.loss_checks import ExplodingLoss, LossNotDecreasing, NotFinite
from trainer.diagnosis.rehearsal import rehearse
from trainer.diagnosis.sampled_steps import bad_rows, counts_activations, guessing_loss, is_sampled, relative_rate
from trainer.diagnosis.step_measures import StepMeasures
from trainer.diagnosis.validation_checks import Overfit, Overtraining, Stalled, SwallowedClass
from trainer.diagnosis.weight_checks import UnchangedWeights, UpdateRatio, VanishingGradient, ZeroWeights
from trainer.distributed import World
from trainer.photos.loading import Batch
from trainer.training.batches import Labelled, TrainingBatches
from trainer.training.checkpoints import LastCheckpoint
from trainer.training.epoch_records import MEASURES
from trainer.training.lightning_module import BreedTraining
from trainer.training.run_config import RunConfig
from trainer.training.run_findings import Finding, OnFinding, refuse_impossible, write_findings

logger = logging.getLogger(__name__)


def all_checks() -> list[Check]:
    """In an order in which causes come before what follows from them."""
    steps = [NotFinite, ExplodingLoss, ZeroWeights, DeadReLU, UnchangedWeights]
    later = [UpdateRatio, VanishingGradient, LossNotDecreasing]
    epochs = [Overfit, Overtraining, SwallowedClass, Stalled]
    return [check() for check in [*steps, *later, *epochs]]


class Watch(Callback):
    """Runs all checks; each reports once. Findings are log lines, `findings.json`, and texts in TensorBoard.

    Every process measures, so that none waits for another, and the first one speaks and decides.

    Args:
        run: the run's folder.
        on_finding: `stop` ends the run after a hopeless finding; it can be resumed.
        before: another check before the first step of a run, such as that the network can be exported. It is given the
            number of training photos.
    """

    def __init__(
        self,
        run: Path,
        config: RunConfig,
        world: World,
        on_finding: OnFinding = "say",
        before: Callable[[int], Finding | None] = lambda photos: None,
    ) -> None:
        self.run = run
        self.config = config
        self.world = world
        self.on_finding = on_finding
        self.before = before
        self.checks = all_checks()
        self.findings: list[Finding] = []
        self.activations = ActivationCounts()
        self.losses: list[Tensor] = []  # since the last sample
        self.guess = 0.0
        self.rate = 0.0
        self.measures: StepMeasures | None = None
        self.clean: tuple[float, int] | None = None

    @property
    def hopeless(self) -> Finding | None:
        return next((finding for finding in self.findings if finding.hopeless), None)

    def state_dict(self) -> dict[str, Any]:
        return {
            "findings": [vars(finding) for finding in self.findings],
            "checks": {type(check).__name__: check.state() for check in self.checks},
            "activations": self.activations.state(),
            "losses": [float(loss) for loss in self.losses],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.findings = [Finding(**values) for values in state_dict["findings"]]
        for check in self.checks:
            check.restore(state_dict["checks"].get(type(check).__name__, {}))
        self.activations.restore(state_dict["activations"])
        self.losses = [torch.tensor(loss) for loss in state_dict["losses"]]

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.guess = guessing_loss(_training_data(trainer, 0).targets, len(self.config.label_names))
        self._write()  # what a killed process found after its last checkpoint is found again

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int) -> None:
        if trainer.global_step > 0 or not isinstance(pl_module, BreedTraining):
            return
        data = _training_data(trainer, 0)
        found = rehearse(trainer, pl_module, batch, data, self.config)
        if self.world.writes and (finding := self.before(_batches(trainer).size)):
            found.append(finding)
        self._report(trainer, found, step=1)
        refuse_impossible(self.findings)

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        if is_sampled(trainer.global_step + 1) and isinstance(pl_module, BreedTraining):
            self.rate = relative_rate(optimizer)
            self.measures = StepMeasures(pl_module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        self.losses.append(outputs["loss"])
        if self.measures and isinstance(pl_module, BreedTraining):
            seen = self._sampled(trainer, pl_module, self.measures, batch)
            self.measures, self.losses = None, []
            self._report(trainer, [check.at_step(seen) for check in self.checks], step=seen.step)

    def _sampled(self, trainer: Trainer, module: BreedTraining, measures: StepMeasures, batch: Batch) -> SampledStep:
        step = trainer.global_step
        if counts_activations(step):
            with trainer.precision_plugin.forward_context():
                self.activations.add(module, batch[0])
        parts, finite = measures.parts()
        losses = self._losses(trainer)
        dead, stuck = self.activations.shares()
        lost = not finite or any(not math.isfinite(loss) for _, loss in losses)
        return SampledStep(
            step=step,
            epoch=trainer.current_epoch + 1,
            steps=module.steps,
            recipe=self.config.recipe,
            guess=self.guess,
            rate=self.rate,
            losses=losses,
            parts=parts,
            finite=finite,
            dead=dead,
            stuck=stuck,
            bad_data=bad_rows(_training_data(trainer, trainer.current_epoch)) if lost else "",
        )

    def _losses(self, trainer: Trainer) -> tuple[tuple[int, float], ...]:
        """(step, loss) since the last sample."""
        if not self.losses:
            return ()
        device, step = self.losses[-1].device, trainer.global_step
        values = torch.stack([loss.to(device) for loss in self.losses]).tolist()
        return tuple(zip(range(step - len(values) + 1, step + 1), values, strict=True))

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Where weights are averaged, they are the averaged ones here, as those that validation measures."""
        self.clean = None
        photos = CleanPhotos(_training_data(trainer, trainer.current_epoch))
        if isinstance(pl_module, BreedTraining) and photos.due(trainer.current_epoch):
            with trainer.precision_plugin.forward_context():
                logits, labels = photos.logits(pl_module)
            self.clean = float((logits.argmax(dim=1) == labels).float().mean()), len(labels)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not isinstance(pl_module, BreedTraining):
            return
        measured = {name: float(trainer.callback_metrics[name]) for name in MEASURES}
        accuracy, photos = self.clean or (None, 0)
        seen = FinishedEpoch(
            step=trainer.global_step,
            epoch=trainer.current_epoch + 1,
            recipe=self.config.recipe,
            label_names=self.config.label_names,
            rate=relative_rate(trainer.optimizers[0]),
            losses=self._losses(trainer),
            confusion=pl_module.val_confusion.compute().cpu(),  # all processes add theirs
            clean_acc1=accuracy,
            clean_photos=photos,
            **measured,
        )
        self._report(trainer, [check.at_epoch(seen) for check in self.checks], step=seen.step)

    def _report(self, trainer: Trainer, found: Sequence[Finding | None], step: int) -> None:
        known = [finding.check for finding in self.findings]
        new: list[Finding] = []
        for finding in found:
            if finding and finding.is_new([*known, *(each.check for each in new)]):
                new.append(finding)
        new = [_placed(finding, finding.step or step, int(trainer.num_training_batches)) for finding in new]
        if not new:
            return
        self.findings = sorted([*self.findings, *new], key=lambda finding: finding.step)
        self._write()
        for finding in new:
            self._say(trainer, finding)
        if self.on_finding == "stop" and self.hopeless and self.world.writes:
            for callback in trainer.callbacks:  # type: ignore[attr-defined]
                if isinstance(callback, LastCheckpoint):
                    callback.asked_to_stop = True  # it saves, and stops all processes after the same step

    def _write(self) -> None:
        if self.world.writes:
            write_findings(self.run, self.findings)

    def _say(self, trainer: Trainer, finding: Finding) -> None:
        if not self.world.writes:
            return
        logger.info(finding.line)
        if isinstance(trainer.logger, TensorBoardLogger):
            trainer.logger.experiment.add_text(f"findings/{finding.check}", finding.line, finding.step)


def _placed(finding: Finding, step: int, batches: int) -> Finding:
    """A finding at a step, counted from 1, of epochs with so many batches."""
    return replace(finding, step=step, epoch=(step - 1) // batches + 1)


def _training_data(trainer: Trainer, epoch: int) -> Labelled:
    """What an epoch, counted from 0, trains on."""
    return _batches(trainer).data_of(epoch)


def _batches(trainer: Trainer) -> TrainingBatches:
    batches = trainer.train_dataloader
    assert isinstance(batches, TrainingBatches)
    return batches
