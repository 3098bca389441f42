"""Reads what a run has recorded: its epochs and its optimizer steps. Nothing here needs PyTorch."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

EPOCHS_FILE = "epochs.csv"
STEPS_FILE = "steps.csv"
CURVES_FILE = "curves.png"
SMOOTHED_OVER, LEAST_SMOOTHED = 1 / 40, 5  # the span of the moving average: share of all values, and at least so many
STEP_COLUMNS = ("step", "epoch", "train_loss", "train_acc1", "lr", "gradient_norm", "photos_per_second")


def read_epochs(run: Path) -> pd.DataFrame:
    """The epochs recorded so far: one row each, with `epoch` from 1 and accuracies in 0..1."""
    path = run / EPOCHS_FILE
    return pd.read_csv(path) if path.is_file() else pd.DataFrame({"epoch": pd.Series(dtype=int)})


def read_steps(run: Path) -> pd.DataFrame:
    """The optimizer steps recorded so far, with the columns `STEP_COLUMNS`: unknown values are NaN.

    `step` and `epoch` count from 1, `train_acc1` is in 0..1. Runs of earlier versions have none.
    """
    kinds = {name: int if name in ("step", "epoch") else float for name in STEP_COLUMNS}
    return pd.read_csv(io.StringIO("".join(whole_lines(run / STEPS_FILE))), dtype=kinds)


def whole_lines(path: Path) -> list[str]:
    """The header of `steps.csv` and its lines, without a last one that a full disk or a power cut left incomplete."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    return lines or [",".join(STEP_COLUMNS) + "\n"]


def epoch_ends(epochs: pd.DataFrame, steps: pd.DataFrame) -> pd.Series:
    """The step after which each epoch ended; its number where no steps are recorded.

    All epochs of a run have the same number of steps, and the last step of each is recorded.
    """
    ended = steps[steps["epoch"].isin(epochs["epoch"])]
    return epochs["epoch"] if ended.empty else epochs["epoch"] * (ended["step"] / ended["epoch"]).max()


def smoothed(values: pd.Series) -> pd.Series:
    """An exponential moving average of the finite values; NaN where a value is not finite."""
    finite = values.where(np.isfinite(values))
    average: pd.Series = finite.ewm(span=max(LEAST_SMOOTHED, len(values) * SMOOTHED_OVER)).mean()
    return average.where(finite.notna())


def best_row(epochs: pd.DataFrame) -> int | None:
    """The position of the epoch with the lowest validation loss; None if there is none."""
    if epochs.empty or bool(epochs["val_loss"].isna().all()):
        return None
    return int(np.nanargmin(epochs["val_loss"].to_numpy(np.float64)))
