"""Checkpoints that are written completely or not at all, and training that stops between two steps on a signal."""

import logging
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
from lightning.pytorch.callbacks import Checkpoint, EarlyStopping, ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from dogbreed.errors import DogbreedError
from trainer.distributed import ALONE, World
from trainer.files import whole_file
from trainer.training.agreement import Agreement
from trainer.training.batches import TrainingBatches
from trainer.training.lightning_module import BreedTraining
from trainer.training.stopping import TrainingStopped

SAVE_EVERY_SECONDS = 300
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

logger = logging.getLogger(__name__)


class CheckpointError(DogbreedError):
    """A checkpoint could not be written; the previous one is still there."""


class WholeCheckpoints(TorchCheckpointIO):
    """Writes a checkpoint to a temporary file and renames it when it is complete and on the disk."""

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
            kept = f"The previous checkpoint, {target}, is intact. " if target.exists() else ""
            raise CheckpointError(
                f"The checkpoint {target} could not be written ({error}). {kept}"
                "Free some space on that disk and continue with --resume."
            ) from error


class BestCheckpoint(ModelCheckpoint):
    """The checkpoint of the epoch with the lowest validation loss.

    It is remembered in a folder that has moved too, or that another machine mounts at another place. Lightning forgets
    there how good the best epoch was, and the next one would take its place.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path.parent, path.stem, "val_loss", enable_version_counter=False, save_on_train_epoch_end=True)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        best = {self._here(path): score for path, score in state_dict["best_k_models"].items()}
        paths = {name: self._here(state_dict[name]) for name in ("best_model_path", "kth_best_model_path")}
        super().load_state_dict({**state_dict, **paths, "best_k_models": best, "dirpath": self.dirpath})

    def _here(self, path: str) -> str:
        return str(Path(str(self.dirpath), Path(path).name)) if path else path


class StopWhenNothingImproves(EarlyStopping):
    """Early stopping that a resumed run remembers: a run that had stopped early does not train on."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        trainer.should_stop = trainer.should_stop or self.wait_count >= self.patience


class LastCheckpoint(Checkpoint):
    """Saves everything that is needed to resume: after every epoch, every few minutes, and when asked to stop.

    Also right after a batch had to be taken in smaller parts: a run that is resumed later takes the same parts, even
    if the GPU has more free memory then.

    The first Ctrl-C (or SIGTERM) ends training after the current step; the second one, at once. Where several
    processes train, a signal to one of them stops all after the same step.
    """

    def __init__(self, path: Path, batches: TrainingBatches, world: World = ALONE) -> None:
        self.path = path
        self.batches = batches
        self.agreement = Agreement(world)
        self.saved_at = time.monotonic()
        self.saved_parts = 1
        self.asked_to_stop = False

    def state_dict(self) -> dict[str, Any]:
        # Lightning saves a loader's position by itself, but restores it in the middle of an epoch only.
        return self.batches.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.batches.load_state_dict(state_dict)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handles the signals that ask to stop while training runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._ask_to_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.saved_parts = _parts(pl_module)
        self.agreement.begin(trainer.global_step, self.batches.epoch, self.batches.done)
        if signal.getsignal(signal.SIGTERM) not in (self._ask_to_stop, signal.SIG_DFL):
            # Lightning has put its own handler before ours. It starts a broadcast in the middle of whatever is running.
            signal.signal(signal.SIGTERM, self._ask_to_stop)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_last_batch:
            return  # the end of the epoch, with its validation, follows at once
        smaller_parts = _parts(pl_module) > self.saved_parts
        due = smaller_parts or time.monotonic() - self.saved_at > SAVE_EVERY_SECONDS
        stop, save = self.agreement.any(self.asked_to_stop, due)
        if stop or save:
            self._save(trainer)
        if stop:
            raise TrainingStopped

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        self._stop_if_asked()  # validation changes nothing, so there is nothing new to save

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._save(trainer)
        self._stop_if_asked()

    def _save(self, trainer: Trainer) -> None:
        trainer.save_checkpoint(self.path)
        self.saved_at = time.monotonic()
        self.saved_parts = _parts(trainer.lightning_module)

    def _stop_if_asked(self) -> None:
        (stop,) = self.agreement.any(self.asked_to_stop)
        if stop:
            raise TrainingStopped

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.asked_to_stop:
            raise TrainingStopped
        self.asked_to_stop = True
        logger.info("\nStopping after this step. Press Ctrl-C again to stop at once.")


def _parts(module: LightningModule) -> int:
    return module.parts if isinstance(module, BreedTraining) else 1
