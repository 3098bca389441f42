"""What a run records of its optimizer steps: `steps.csv`."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer
from torch.utils.tensorboard import SummaryWriter

from trainer.files import whole_file
from trainer.training.run_config import TrainingError
from trainer.training.run_records import STEPS_FILE, whole_lines

MOST_LINES = 4000  # apart from the last step of each epoch, which is always recorded
LINES_AT_ONCE = 50
WRITE_EVERY_SECONDS = 2  # a single process; several write after the same step, whatever their clocks say


@dataclass(frozen=True)
class _Step:
    """One recorded step. What the device computed stays there until it is written: reading it would wait for a GPU.

    Attributes:
        sums: the loss summed over this process's photos, and how many of them were classified correctly.
        lr: of the head.
        gradient_norm: the 2-norm of all gradients.
    """

    step: int
    epoch: int
    sums: Tensor
    lr: float
    gradient_norm: Tensor
    photos_per_second: float


class StepRecords(Callback):
    """Writes loss, accuracy, learning rate, gradient norm and speed of optimizer steps to `steps.csv` and TensorBoard.

    Recorded are the first step, every n-th, and the last one of each epoch, where n is the smallest number that
    leaves at most `MOST_LINES` lines for the whole run. The speed is the mean since the recorded step before. A run
    that is resumed first cuts the lines after its checkpoint's step: it then has the same lines as an uninterrupted
    one, except for the speed.

    Args:
        batch_size: photos in a batch of all processes together.
        steps_in_epoch: optimizer steps of an epoch.
        epochs: of the whole run.
    """

    def __init__(self, run: Path, batch_size: int, steps_in_epoch: int, epochs: int) -> None:
        self.path = run / STEPS_FILE
        self.batch_size = batch_size
        self.steps_in_epoch = steps_in_epoch
        self.every = math.ceil(steps_in_epoch * epochs / MOST_LINES)
        self.unwritten: list[_Step] = []
        self.lr, self.gradient_norm = 0.0, torch.zeros(())
        self.steps_since, self.since = 0, time.monotonic()
        self.written_at = time.monotonic()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.unwritten.clear()
        self._restart_clock()
        if trainer.is_global_zero:
            self._cut_after(trainer.global_step)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._restart_clock()  # validation does not count as training

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        if not self._is_recorded(trainer.global_step + 1):
            return
        self.lr = optimizer.param_groups[-1]["lr"]  # the head comes last: see `parameter_groups`
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        self.gradient_norm = get_total_norm(gradients)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.steps_since += 1
        if self._is_recorded(trainer.global_step):
            self._record(trainer, outputs, len(batch[1]))
        alone = trainer.world_size == 1
        if len(self.unwritten) >= LINES_AT_ONCE or (alone and time.monotonic() - self.written_at > WRITE_EVERY_SECONDS):
            self._write(trainer)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._write(trainer)

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        self._write(trainer)  # a run that is resumed from it lacks no line

    def _is_recorded(self, step: int) -> bool:
        return step == 1 or step % self.every == 0 or step % self.steps_in_epoch == 0

    def _record(self, trainer: Trainer, outputs: Mapping[str, Tensor], photos: int) -> None:
        seconds = time.monotonic() - self.since
        self.unwritten.append(
            _Step(
                trainer.global_step,
                trainer.current_epoch + 1,
                torch.stack([outputs["loss"] * photos, outputs["correct"]]),
                self.lr,
                self.gradient_norm,
                self.steps_since * self.batch_size / seconds if seconds > 0 else math.nan,
            )
        )
        self._restart_clock()

    def _restart_clock(self) -> None:
        self.steps_since, self.since = 0, time.monotonic()

    def _write(self, trainer: Trainer) -> None:
        """Appends the lines; all processes call it after the same step, because they add up their photos."""
        self.written_at = time.monotonic()
        if not self.unwritten:
            return
        sums = trainer.strategy.reduce(torch.stack([step.sums for step in self.unwritten]), reduce_op="sum")
        norms = torch.stack([step.gradient_norm for step in self.unwritten]).to(sums)
        measured = torch.column_stack([cast(Tensor, sums) / self.batch_size, norms]).tolist()  # the only wait
        recorded = list(zip(self.unwritten, measured, strict=True))
        self.unwritten = []
        if trainer.is_global_zero:
            self._append("".join(_line(step, *values) for step, values in recorded))
            if isinstance(trainer.logger, TensorBoardLogger):
                for step, values in recorded:
                    _show(trainer.logger.experiment, step, *values)

    def _append(self, lines: str) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            raise TrainingError(
                f"{self.path} could not be written ({error}). Free some space on that disk and continue with --resume."
            ) from error

    def _cut_after(self, step: int) -> None:
        header, *lines = whole_lines(self.path)
        kept = [line for line in lines if _is_step_up_to(step, line.partition(",")[0])]
        with whole_file(self.path) as unfinished:
            unfinished.write_text("".join([header, *kept]), encoding="utf-8")


def _line(step: _Step, loss: float, acc1: float, gradient_norm: float) -> str:
    speed = "" if math.isnan(step.photos_per_second) else f"{step.photos_per_second:.1f}"
    return f"{step.step},{step.epoch},{loss:.6g},{acc1:.6g},{step.lr:.6g},{gradient_norm:.6g},{speed}\n"


def _show(board: SummaryWriter, step: _Step, loss: float, acc1: float, gradient_norm: float) -> None:
    """Loss and learning rate are on TensorBoard by Lightning."""
    board.add_scalar("train_acc1_step", acc1, step.step)
    board.add_scalar("gradient_norm", gradient_norm, step.step)
    if not math.isnan(step.photos_per_second):
        board.add_scalar("photos_per_second", step.photos_per_second, step.step)


def _is_step_up_to(step: int, cell: str) -> bool:
    return cell.isdecimal() and int(cell) <= step
