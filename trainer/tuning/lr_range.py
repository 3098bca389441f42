"""The learning rate range test: how the training loss goes while the rate rises with every step."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import lightning
import matplotlib
import numpy as np
import pandas as pd
from lightning.pytorch.tuner.tuning import Tuner

from trainer import machine
from trainer.distributed import ALONE
from trainer.files import whole_file
from trainer.progress import ProgressBar, silent
from trainer.training.batches import TrainingBatches, loading_for
from trainer.training.fit import prepare
from trainer.training.lightning_module import BreedTraining
from trainer.training.run_config import read_run_config
from trainer.training.run_folder import Run
from trainer.tuning.search_options import SearchOptions, settings_of
from trainer.tuning.trial_training import start_searched_run

LOWEST, HIGHEST, STEPS = 1e-6, 1.0, 100
FIRST_STEPS = 30  # in which the average is over too few batches to tell a slope
SMOOTHING = 0.98  # Lightning's
RANGE_FILE, PLOT_FILE = "lr_range.csv", "lr_range.png"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RangeTest:
    """The loss by learning rate, and the rate at which it falls fastest; None if it never falls."""

    measured: pd.DataFrame
    suggestion: float | None


def find_learning_rate(given: SearchOptions, progress: ProgressBar = silent) -> Path:
    """The range test of a recipe. Says what it found, and returns the path of the plot.

    Raises:
        DogbreedError: see `trainer.training.run.start_run` and `range_test`.
    """
    settings = settings_of(given, "lr-range")
    recipe = settings.recipe
    run = Run(given.folder("lr-range"))
    start_searched_run(run, run.path.name, settings, recipe, settings.seed, given.data)
    rate = range_test(run, given.data, given.cache, progress=progress).suggestion
    if rate is None:
        logger.info("The loss does not fall at any rate.")
    else:
        logger.info(
            f"The loss falls fastest at a learning rate of {rate:.2g} for all layers; the recipe has "
            f"{recipe.optimizer.lr:.2g}. Search around it: --search optimizer.lr={rate / 10:.2g}..{rate * 10:.2g}"
        )
    return run.path / PLOT_FILE


def range_test(run: Run, data: Path, cache: Path, steps: int = STEPS, progress: ProgressBar = silent) -> RangeTest:
    """Trains a started run's network for `steps` steps with Lightning's range test, and forgets what it learned.

    All layers have the same rate, whatever the recipe says of the backbone. Writes `lr_range.csv` and `lr_range.png`
    into the run's folder.

    Raises:
        PhotosError, PhotoError, TeacherError: see `trainer.training.fit.train`.
    """
    config = read_run_config(run.path)
    recipe = config.recipe
    network, prepared = prepare(run, config, data, cache, progress)
    batches = TrainingBatches(
        prepared.of_epoch, len(prepared.photos), recipe.training.batch_size, config.seed, loading_for(ALONE)
    )
    module = BreedTraining(
        network, recipe, config.mean, config.std, steps=steps, seed=config.seed, taught=prepared.taught
    )
    trainer = lightning.Trainer(
        precision=machine.precision(recipe.training.precision),
        devices=1,
        max_epochs=-1,  # the test has its own number of steps
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=run.path,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*no `val_dataloader`")  # the test looks at the training loss alone
        found = Tuner(trainer).lr_find(
            module, batches, min_lr=LOWEST, max_lr=HIGHEST, num_training=steps, update_attr=False
        )
    if found is None:  # only in Lightning's own quick runs
        raise RuntimeError("Lightning measured nothing.")
    losses = _without_wrong_start(cast(list[float], found.results["loss"]))
    measured = pd.DataFrame({"lr": found.results["lr"], "loss": losses})
    result = RangeTest(measured, _steepest(measured))
    _write(run.path, result)
    return result


def _steepest(measured: pd.DataFrame) -> float | None:
    """The rate at which the loss falls fastest from step to step, on the logarithmic scale that the plot has.

    Lightning's own suggestion takes the slope by the rate itself, which is steep only where rates are tiny.
    """
    later = measured.iloc[FIRST_STEPS:]
    if len(later) < 2:
        return None
    slopes = np.gradient(later["loss"].to_numpy(np.float64))
    steepest = int(slopes.argmin())
    return float(later["lr"].iloc[steepest]) if slopes[steepest] < 0 else None


def _without_wrong_start(losses: list[float]) -> list[float]:
    """Lightning's moving average of the loss, with the right correction for its start at zero.

    Lightning 2.6 divides by 1 - beta^(step + 1) after a step that it has counted already, so that its curve begins at
    half of the loss.
    """
    steps = np.arange(1, len(losses) + 1)
    right = np.asarray(losses) * (1 - SMOOTHING ** (steps + 1)) / (1 - SMOOTHING**steps)
    return cast(list[float], right.tolist())


def _write(folder: Path, result: RangeTest) -> None:
    with whole_file(folder / RANGE_FILE) as unfinished:
        result.measured.to_csv(unfinished, index=False)
    matplotlib.use("Agg")  # a server has no screen
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    axis.plot(result.measured["lr"], result.measured["loss"])
    if result.suggestion:
        axis.axvline(result.suggestion, color="C1", linestyle="--", label=f"steepest: {result.suggestion:.2g}")
        axis.legend()
    axis.set(xscale="log", xlabel="learning rate", ylabel="training loss, smoothed")
    axis.grid(alpha=0.3)
    figure.savefig(folder / PLOT_FILE, dpi=120)
    plt.close(figure)
