"""One line about a run: how far it has come and how good it is."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import CONFIG_FILE
from trainer.runs.found_runs import TRIALS_TABLE, FoundRun
from trainer.training.run_config import RUN_FILE
from trainer.training.run_findings import read_findings
from trainer.training.run_lock import is_in_use
from trainer.training.run_records import best_row, read_epochs

State = Literal["running", "interrupted", "paused", "done", "stopped early"]


@dataclass(frozen=True)
class RunSummary:
    """A run for a list. What is not known is None.

    Attributes:
        state: `paused` is a trial that a search may train on if others turn out worse.
        recipe: its name; of runs of earlier versions, and of trials, the model's name.
        epochs: finished ones.
        val_loss, val_acc1: of the epoch with the lowest validation loss, which the bundle is made of; accuracy in 0..1.
        test_acc1: of the bundle, on the test part, in 0..1.
        seconds: that its epochs took.
        findings: what checks have noticed.
        started: when it was started, ISO 8601.
    """

    name: str
    recipe: str
    architecture: str
    state: State
    epochs: int
    planned_epochs: int
    val_loss: float | None
    val_acc1: float | None
    test_acc1: float | None
    seconds: float
    findings: int
    started: str
    path: str


def summarize(found: FoundRun) -> RunSummary:
    """Reads what a run has recorded.

    Raises:
        OSError, ValueError: a file cannot be read.
    """
    path, config = found.run.path, found.config
    epochs = read_epochs(path)
    best = best_row(epochs)
    started = datetime.fromtimestamp((path / RUN_FILE).stat().st_mtime)
    return RunSummary(
        name=found.name,
        recipe=config.settings.recipe or config.settings.name,
        architecture=config.recipe.architecture,
        state=_state(found, epochs),
        epochs=len(epochs),
        planned_epochs=config.recipe.training.epochs,
        val_loss=None if best is None else float(epochs["val_loss"].iloc[best]),
        val_acc1=None if best is None else float(epochs["val_acc1"].iloc[best]),
        test_acc1=_test_accuracy(found.run.bundle),
        seconds=float(epochs["seconds"].sum()) if len(epochs) else 0.0,
        findings=len(read_findings(path)),
        started=started.isoformat(timespec="seconds"),
        path=str(path),
    )


def summarize_all(found: Sequence[FoundRun]) -> tuple[list[RunSummary], list[str]]:
    """Summaries, and a sentence for each run whose records are damaged."""
    summaries, skipped = [], []
    for each in found:
        try:
            summaries.append(summarize(each))
        except (DogbreedError, OSError, ValueError, KeyError, TypeError) as error:
            skipped.append(f"Skipped: the records in {each.run.path} cannot be read: {error}.")
    return summaries, skipped


def sorted_by(summaries: Sequence[RunSummary], key: str) -> list[RunSummary]:
    """In ascending order of an attribute; those without it last."""

    def order(summary: RunSummary) -> tuple[bool, Any]:
        value = getattr(summary, key)
        return value is None, 0 if value is None else value

    return sorted(summaries, key=order)


def _state(found: FoundRun, epochs: pd.DataFrame) -> State:
    if is_in_use(found.run):
        return "running"
    training = found.config.recipe.training
    all_epochs = len(epochs) >= training.epochs
    # A trial that a search paused, or ended because others were better, could be trained on.
    trial_ended = found.is_trial and (all_epochs or _nothing_improved(epochs, training.patience))
    if not (trial_ended or found.run.bundle.is_dir()):
        return "paused" if _is_paused(found) else "interrupted"
    return "done" if all_epochs else "stopped early"


def _is_paused(found: FoundRun) -> bool:
    """Whether a search has found other trials better so far, by the table that it wrote last."""
    if not found.is_trial:
        return False
    trial = found.run.path.resolve()
    table = trial.parent.parent / TRIALS_TABLE
    try:
        return _states(table, table.stat().st_mtime_ns).get(int(trial.name)) == "paused"
    except (OSError, ValueError, KeyError):
        return False


@lru_cache(maxsize=1)  # for all trials of a study
def _states(table: Path, changed: int) -> "pd.Series[str]":
    """The state of each trial, by its number."""
    return pd.read_csv(table, index_col="trial")["state"]


def _nothing_improved(epochs: pd.DataFrame, patience: int) -> bool:
    """Whether early stopping ended the training, which also ends if the validation loss is not a number."""
    if epochs.empty:
        return False
    best = best_row(epochs)
    return best is None or not math.isfinite(epochs["val_loss"].iloc[-1]) or len(epochs) - 1 - best >= patience


def _test_accuracy(bundle: Path) -> float | None:
    try:
        return float(json.loads((bundle / CONFIG_FILE).read_text(encoding="utf-8"))["metrics"]["test"]["top1"])
    except (OSError, ValueError, KeyError, TypeError):  # no bundle yet, or none that was measured
        return None
