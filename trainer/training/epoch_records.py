"""What a run records after every epoch: a log line, a CSV file, a plot, and TensorBoard."""

import logging
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.core import LightningModule
from lightning.pytorch.loggers import TensorBoardLogger
from torchvision.utils import make_grid, save_image

from trainer.files import whole_file
from trainer.training.batches import Labelled
from trainer.training.curves import draw_curves
from trainer.training.lightning_module import BreedTraining
from trainer.training.randomness import seed_everything
from trainer.training.run_records import EPOCHS_FILE, read_epochs

VIEWS_FILE = "views.png"
MEASURES = ("train_loss", "val_loss", "train_acc1", "val_acc1")
DRAW_EVERY_SECONDS = 30  # drawing takes longer than an epoch on a frozen backbone
SAMPLE_PHOTOS, SAMPLE_VIEWS = 6, 5

logger = logging.getLogger(__name__)


class EpochRecords(Callback):
    """After every epoch: a log line, a row in `epochs.csv`, and a new `curves.png`."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.started = self.drawn = time.monotonic()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        metrics = {name: round(float(trainer.callback_metrics[name]), 6) for name in MEASURES}
        if not trainer.is_global_zero:
            return
        row = {"epoch": trainer.current_epoch + 1, **metrics, "seconds": round(time.monotonic() - self.started, 1)}
        records = read_epochs(self.run)
        records = pd.concat([records[records["epoch"] < row["epoch"]], pd.DataFrame([row])], ignore_index=True)
        with whole_file(self.run / EPOCHS_FILE) as unfinished:
            records.to_csv(unfinished, index=False)
        if time.monotonic() - self.drawn > DRAW_EVERY_SECONDS:
            self._draw(trainer)
        logger.info(
            f"Epoch {row['epoch']}/{trainer.max_epochs}: "
            f"train loss {row['train_loss']:.3f}, accuracy {row['train_acc1']:.1%}; "
            f"validation loss {row['val_loss']:.3f}, accuracy {row['val_acc1']:.1%} ({row['seconds']:.1f} s)"
        )

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero:
            self._draw(trainer)

    def _draw(self, trainer: Trainer) -> None:
        draw_curves(self.run, trainer.max_epochs)
        self.drawn = time.monotonic()


class SampleViews(Callback):
    """Augmented views of some photos, before training starts: `views.png`, and the same on TensorBoard."""

    def __init__(self, run: Path, photos: Labelled) -> None:
        self.run = run
        self.photos = photos

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not (trainer.is_global_zero and isinstance(pl_module, BreedTraining)):
            return
        spread = np.linspace(0, len(self.photos) - 1, SAMPLE_PHOTOS).astype(int)
        photos = torch.from_numpy(self.photos.rows[spread])
        seed_everything(pl_module.seed)
        views = torch.stack([pl_module.augment(photos) for _ in range(SAMPLE_VIEWS)], dim=1).flatten(0, 1)
        grid = make_grid(views, nrow=SAMPLE_VIEWS)
        save_image(grid, self.run / VIEWS_FILE)
        if isinstance(trainer.logger, TensorBoardLogger):
            trainer.logger.experiment.add_image("augmented photos, one per row", grid, 0)
