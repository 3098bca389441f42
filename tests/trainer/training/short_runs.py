"""Trainings of a few seconds, without a bundle."""

from collections.abc import Sequence
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer

from trainer.distributed import ALONE
from trainer.recipes.recipe_files import read_recipe
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run

SHORT = ["training.epochs=2", "training.batch_size=16", "training.precision=float32", "input.size=64"]


def start_short_run(run: Run, data: Path, *changes: str) -> Run:
    """`simple-cnn` for two epochs of four steps, unless the changes say something else."""
    recipe = read_recipe("simple-cnn", [*SHORT, "training.validation_fraction=0.2", "input.train_size=64", *changes])
    settings = RunSettings("short", "1", "made up", recipe="simple-cnn")
    start_run(run, data, recipe, None, settings)
    return run


def train_short_run(run: Run, data: Path, watchers: Sequence[Callback] = ()) -> Run:
    """Trains a run that was started, or resumes it."""
    train(run, read_run_config(run.path), data, data.parent / "cache", ALONE, watchers=watchers)
    return run


class StopAfterFirstEpoch(Callback):
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        trainer.should_stop = True
