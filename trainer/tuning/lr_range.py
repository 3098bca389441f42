"""The learning rate range test: how the training loss goes while the rate rises with every step."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import lightning
import matplotlib
import pandas as pd
from lightning.pytorch.tuner.tuning import Tuner

from trainer import machine
from trainer.distributed import ALONE
from trainer.files import whole_file
from trainer.photos.parts import training_parts
from trainer.progress import ProgressBar, silent
from trainer.training.batches import TrainingBatches, loading_for
from trainer.training.cached_views import with_cached_views
from trainer.training.data import read_training_data
from trainer.training.lightning_module import BreedTraining
from trainer.training.run import Run, starting_network
from trainer.training.run_config import read_run_config
from trainer.training.teachers import load_teachers

LOWEST, HIGHEST, STEPS = 1e-7, 1.0, 100
RANGE_FILE, PLOT_FILE = "lr_range.csv", "lr_range.png"


@dataclass(frozen=True)
class RangeTest:
    """The loss by learning rate, and the rate at which it falls fastest; None if it never falls."""

    measured: pd.DataFrame
    suggestion: float | None


def find_learning_rate(
    run: Run, data: Path, cache: Path, steps: int = STEPS, progress: ProgressBar = silent
) -> RangeTest:
    """Trains a started run's network for `steps` steps with Lightning's range test, and forgets what it learned.

    All layers have the same rate, whatever the recipe says of the backbone. Writes `lr_range.csv` and `lr_range.png`
    into the run's folder.

    Raises:
        PhotosError, PhotoError, TeacherError: see `trainer.training.fit.train`.
    """
    config = read_run_config(run.path)
    recipe = config.recipe
    machine.quiet_libraries()
    machine.keep_freed_memory()
    photos, validation = training_parts(data, recipe.training.validation_fraction, config.seed)
    network = starting_network(run, config)
    read = read_training_data(config, photos, validation, cache, progress)
    prepared = with_cached_views(read, network, config, cache, load_teachers(config, cache), progress)
    batches = TrainingBatches(
        prepared.of_epoch, len(prepared.photos), recipe.training.batch_size, config.seed, loading_for(ALONE)
    )
    module = BreedTraining(
        network, recipe, config.mean, config.std, steps=steps, seed=config.seed, taught=prepared.taught
    )
    trainer = lightning.Trainer(
        precision=machine.precision(recipe.training.precision),
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=run.path,
    )
    found = Tuner(trainer).lr_find(
        module, batches, min_lr=LOWEST, max_lr=HIGHEST, num_training=steps, update_attr=False
    )
    if found is None:  # only in Lightning's own quick runs
        raise RuntimeError("Lightning measured nothing.")
    measured = pd.DataFrame({name: cast(list[float], found.results[name]) for name in ("lr", "loss")}).dropna()
    result = RangeTest(measured, found.suggestion())
    _write(run.path, result)
    return result


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
