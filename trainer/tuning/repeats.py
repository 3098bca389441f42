"""The best trial against the recipe that the study began with, each trained again on new seeds."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from scipy import stats

from trainer.distributed import ALONE
from trainer.files import whole_file
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe
from trainer.training.fit import train
from trainer.training.run_config import read_run_config
from trainer.training.run_folder import Run
from trainer.training.run_records import read_epochs
from trainer.tuning.study import Study, StudySettings
from trainer.tuning.trial_training import start_searched_run

RECIPE, BEST = "recipe", "best"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Repeat:
    """Accuracy on the validation part (0..1) of the epoch with the lowest loss, and that loss; by recipe."""

    seed: int
    accuracy: dict[str, float]
    loss: dict[str, float]


@dataclass(frozen=True)
class Difference:
    """The mean over the seeds of (best - recipe), and its 95% interval by Student's t distribution."""

    mean: float
    low: float
    high: float


def compare(
    study: Study,
    settings: StudySettings,
    best: Recipe,
    seeds: int,
    data: Path,
    cache: Path,
    progress: ProgressBar = silent,
) -> list[Repeat]:
    """Trains both recipes on `seeds` new seeds, which also divide train and validation part anew.

    A comparison that was interrupted continues with the runs that are not finished.

    Raises:
        DogbreedError: see `trainer.training.fit.train`.
        TrainingStopped: a signal asked for it.
    """
    repeats = []
    for seed in range(settings.seed + 1, settings.seed + 1 + seeds):
        measured = {
            name: _train(study.repeats / f"{name}-seed{seed}", settings, recipe, seed, data, cache, progress)
            for name, recipe in ((RECIPE, settings.recipe), (BEST, best))
        }
        repeats.append(Repeat(seed, {n: m[0] for n, m in measured.items()}, {n: m[1] for n, m in measured.items()}))
    _write(study, repeats)
    return repeats


def _train(
    path: Path, settings: StudySettings, recipe: Recipe, seed: int, data: Path, cache: Path, progress: ProgressBar
) -> tuple[float, float]:
    run = Run(path)
    if not path.exists():
        start_searched_run(run, path.name, settings, recipe, seed, data)
    train(run, read_run_config(path), data, cache, ALONE, progress)
    epochs = read_epochs(path)
    best = int(epochs["val_loss"].to_numpy().argmin())
    return float(epochs["val_acc1"].iloc[best]), float(epochs["val_loss"].iloc[best])


def difference(pairs: Sequence[tuple[float, float]]) -> Difference:
    """The mean difference (second - first) of pairs, with its interval; infinite for a single pair."""
    each = [second - first for first, second in pairs]
    if len(each) < 2:
        return Difference(each[0], -math.inf, math.inf)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(each) - 1)) * stdev(each) / math.sqrt(len(each))
    return Difference(mean(each), mean(each) - half, mean(each) + half)


def accuracy_difference(repeats: Sequence[Repeat]) -> Difference:
    return difference([(repeat.accuracy[RECIPE], repeat.accuracy[BEST]) for repeat in repeats])


def loss_difference(repeats: Sequence[Repeat]) -> Difference:
    return difference([(repeat.loss[RECIPE], repeat.loss[BEST]) for repeat in repeats])


def sentence(repeats: Sequence[Repeat]) -> str:
    """What the comparison shows, in words."""
    accuracy, loss = accuracy_difference(repeats), loss_difference(repeats)
    better, worse = loss.high < 0, loss.low > 0
    verdict = "better than" if better else "worse than" if worse else "no better than"
    caution = "" if better or worse else " The intervals contain zero, so the difference may be chance."
    return (
        f"On {len(repeats)} new seeds the best trial is {verdict} the recipe: accuracy "
        f"{100 * accuracy.mean:+.2f} points ({100 * accuracy.low:+.2f} to {100 * accuracy.high:+.2f}), loss "
        f"{loss.mean:+.4f} ({loss.low:+.4f} to {loss.high:+.4f}; lower is better).{caution}"
    )


def _write(study: Study, repeats: Sequence[Repeat]) -> None:
    accuracy, loss = accuracy_difference(repeats), loss_difference(repeats)
    written = {
        "sentence": sentence(repeats),
        "accuracy_difference": [accuracy.mean, accuracy.low, accuracy.high],
        "loss_difference": [loss.mean, loss.low, loss.high],
        "repeats": [{"seed": r.seed, "accuracy": r.accuracy, "loss": r.loss} for r in repeats],
    }
    with whole_file(study.comparison) as unfinished:
        unfinished.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
