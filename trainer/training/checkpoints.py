"""Checkpoints that are whole or not there, and training that stops between two steps when it is asked to."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint, EarlyStopping
from lightning.pytorch.plugins.io import TorchCheckpointIO

from dogbreed.errors import DogbreedError
from trainer.files import whole_file
from trainer.training.batches import TrainingBatches

SAVE_EVERY_SECONDS = 300
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TrainingStopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The user or the system asked training to stop; all that was learnt is in the last checkpoint."""


class CheckpointError(DogbreedError):
    """A checkpoint could not be written; the one before it is still there."""


class WholeCheckpoints(TorchCheckpointIO):
    """Writes a checkpoint beside its place and moves it there when it is complete and on the disk."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(target) as unfinished, unfinished.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, RuntimeError) as error:  # PyTorch's own writer turns a full disk into a RuntimeError
            kept = f"The checkpoint before it, {target}, is whole. " if target.exists() else ""
            raise CheckpointError(
                f"The checkpoint {target} could not be written ({error}). {kept}"
                "Make room on that disk and go on with --resume."
            ) from error


class StopWhenNothingImproves(EarlyStopping):
    """Early stopping that still knows, when a run is taken up again, that it had stopped."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        trainer.should_stop = trainer.should_stop or self.wait_count >= self.patience


class LastCheckpoint(Checkpoint):
    """Keeps everything that training needs to go on: after every epoch, every few minutes, and when asked to stop.

    A first Ctrl-C (or SIGTERM) ends training after the step at hand; a second one, at once.
    """

    def __init__(self, path: Path, batches: TrainingBatches) -> None:
        self.path = path
        self.batches = batches
        self.saved_at = time.monotonic()
        self.asked_to_stop = False

    def state_dict(self) -> dict[str, Any]:
        # Lightning keeps the place of a loader by itself, but gives it back in the middle of an epoch only.
        return self.batches.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.batches.load_state_dict(state_dict)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Takes the signals that ask to stop, for as long as training goes on."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._ask_to_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_last_batch:
            return  # the end of the epoch, with its validation, comes right after
        if self.asked_to_stop or time.monotonic() - self.saved_at > SAVE_EVERY_SECONDS:
            self._save(trainer)
        self._stop_if_asked()

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        self._stop_if_asked()  # the checkpoint before it stands: there is nothing new to save

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._save(trainer)
        self._stop_if_asked()

    def _save(self, trainer: Trainer) -> None:
        trainer.save_checkpoint(self.path)
        self.saved_at = time.monotonic()

    def _stop_if_asked(self) -> None:
        if self.asked_to_stop:
            raise TrainingStopped

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.asked_to_stop:
            raise TrainingStopped
        self.asked_to_stop = True
        print("\nStopping after this step; once more stops at once.", flush=True)
