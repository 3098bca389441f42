"""The training of one trial, until it has as many epochs as it was given."""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from trainer.diagnosis.watch import Watch
from trainer.distributed import ALONE
from trainer.networks.weights import read_weights, weighting
from trainer.recipes.recipe import Recipe
from trainer.recipes.search_space import with_values
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_findings import Finding
from trainer.training.run_folder import Run
from trainer.training.run_records import read_epochs
from trainer.training.stopping import TrainingStopped
from trainer.tuning.storage import Measure, StudyStorage
from trainer.tuning.study import Study, StudySettings
from trainer.tuning.trials import Trial


class ClaimLostError(Exception):
    """Another worker has taken the trial, because this one was silent for too long."""


@dataclass(frozen=True)
class TrialTraining:
    """Trains the trials of a study on the same photos.

    Args:
        stop_at: the value of `time.monotonic()` at which to stop after the epoch.
    """

    study: Study
    settings: StudySettings
    storage: StudyStorage
    data: Path
    cache: Path
    stop_at: float | None = None

    def train(self, trial: Trial, until: int) -> None:
        """Trains a claimed trial until it has `until` epochs, and records what became of it."""
        run = self.study.run(trial.number)
        if not run.path.exists():
            recipe = with_values(self.settings.recipe, trial.values)
            start_searched_run(
                run, f"{self.study.path.name}-{trial.number}", self.settings, recipe, self.settings.seed, self.data
            )
        config = read_run_config(run.path)
        torch._dynamo.reset()  # so that many networks in one process do not exhaust the compiler's cache
        reports = _Reports(self, trial.number, run, until)
        watch = Watch(run.path, config, ALONE, on_finding="stop")
        try:
            train(run, config, self.data, self.cache, ALONE, watchers=[reports, watch])
        except TrainingStopped:
            if watch.hopeless is None:
                raise
            self._give_up(trial.number, run, watch.hopeless)
            return
        except RuntimeError as error:  # of PyTorch: such as values that make the network too large for the memory
            self.storage.fail(trial.number, str(error).strip().splitlines()[0])
            return
        self._finish(trial.number, run, until, reports.out_of_time)

    def _finish(self, number: int, run: Run, until: int, out_of_time: bool) -> None:
        measured = report_epochs(self.storage, number, run, self.settings.measure)
        done = max(measured, default=0)
        stopped_early = done < until and not out_of_time
        if done and all(math.isnan(value) for value in measured.values()):
            self.storage.fail(number, "The validation loss is not a number: the network has diverged.")
        elif done and (done >= self.settings.halving.full or stopped_early):
            self.storage.complete(number, f"Stopped early after {done} epochs." if stopped_early else "")
        else:
            self.storage.pause(number)

    def _give_up(self, number: int, run: Run, finding: Finding) -> None:
        """Ends a trial of which nothing more can be expected."""
        measured = report_epochs(self.storage, number, run, self.settings.measure)
        finite = any(math.isfinite(value) for value in measured.values())
        note = f"Ended at step {finding.step}. {finding.seen} {finding.why}"
        if finite and finding.check != "not-finite":
            self.storage.complete(number, note)
        else:
            self.storage.fail(number, note)


class _Reports(Callback):
    """Records each epoch in the study's database, and ends training after the epochs that the trial was given."""

    def __init__(self, training: TrialTraining, number: int, run: Run, until: int) -> None:
        self.training = training
        self.number = number
        self.run = run
        self.until = until
        self.out_of_time = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # A worker was killed between its last epoch and the record of it.
        trainer.should_stop = trainer.should_stop or trainer.current_epoch >= self.until

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        storage = self.training.storage
        if storage.claims.holders().get(self.number) != storage.claims.worker:
            raise ClaimLostError
        report_epochs(storage, self.number, self.run, self.training.settings.measure)
        epochs, stop_at = trainer.current_epoch + 1, self.training.stop_at
        self.out_of_time = epochs < self.until and stop_at is not None and time.monotonic() > stop_at
        trainer.should_stop = trainer.should_stop or epochs >= self.until or self.out_of_time


def report_epochs(storage: StudyStorage, number: int, run: Run, measure: Measure) -> dict[int, float]:
    """Records the epochs of a run in the database. Returns the measure by epoch."""
    epochs = read_epochs(run.path)
    if epochs.empty:
        return {}
    numbers = [int(epoch) for epoch in epochs["epoch"]]
    measured = {epoch: float(value) for epoch, value in zip(numbers, epochs[measure], strict=True)}
    seconds = {epoch: float(value) for epoch, value in zip(numbers, epochs["seconds"], strict=True)}
    storage.report(number, measured, seconds)
    return measured


def start_searched_run(run: Run, name: str, settings: StudySettings, recipe: Recipe, seed: int, data: Path) -> None:
    """Starts a run of the study's network and teachers with a recipe and a seed.

    Raises:
        DogbreedError: see `read_weights` and `start_run`.
    """
    pretrained = read_weights(weighting(settings.weights), settings.recipe.architecture)
    chosen = RunSettings(
        name=name,
        version="trial",
        trained_on=f"Photos in {data.resolve().name}.",
        seed=seed,
    )
    start_run(run, data, recipe, pretrained, chosen, settings.teachers)
