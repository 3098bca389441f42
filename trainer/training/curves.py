"""`curves.png`: everything that a run has recorded by optimizer step and by epoch, in one figure."""

import logging
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from dogbreed.errors import DogbreedError
from trainer.files import whole_file
from trainer.training.run_findings import Finding, read_findings
from trainer.training.run_records import (
    CURVES_FILE,
    best_row,
    epoch_ends,
    read_epochs,
    read_steps,
    smoothed,
)

logger = logging.getLogger(__name__)

WIDTH, HEIGHT, LINE_HEIGHT = 12.0, 7.0, 0.19  # inches
EXPLAINED = 10  # findings below the figure; findings.json has all
EXPLODED = 100  # times the first loss: less would be invisible on a linear axis
TRAIN, VALIDATION, OTHER, MARK = "C0", "C1", "C2", "C3"
MEASURES = {"loss": "Loss", "acc1": "Accuracy"}
OTHER_COLUMNS = {"lr": "Learning rate", "gradient_norm": "Gradient norm", "photos_per_second": "Photos a second"}


def draw_curves(run: Path, planned_epochs: int | None = None) -> None:
    """Draws `curves.png` from `steps.csv`, `epochs.csv` and, if there is one, `findings.json`."""
    figure = curves_figure(read_epochs(run), read_steps(run), _findings(run), planned_epochs)
    with whole_file(run / CURVES_FILE) as unfinished:
        figure.savefig(unfinished, dpi=120, format="png")


def _findings(run: Path) -> list[Finding]:
    try:
        return read_findings(run)
    except DogbreedError as error:  # no reason to end a training
        logger.warning(error)
        return []


def curves_figure(
    epochs: pd.DataFrame, steps: pd.DataFrame, findings: Sequence[Finding] = (), planned_epochs: int | None = None
) -> Figure:
    """Loss and accuracy of the train and the validation part, learning rate, gradient norm and speed, by step.

    Runs without recorded steps (those of earlier versions) are drawn by epoch.

    Args:
        epochs: as `read_epochs` gives it.
        steps: as `read_steps` gives it.
        findings: each is marked with a numbered line and explained below the plots.
        planned_epochs: of the whole run, for the title.
    """
    matplotlib.use("Agg")  # a server has no screen
    explained = _explanations(findings)
    below = LINE_HEIGHT * len(explained) + 0.01
    figure = Figure(figsize=(WIDTH, HEIGHT + below), layout="constrained")
    rows = figure.add_gridspec(2, 1, height_ratios=[HEIGHT, below])
    upper, lower = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    by_step = not steps.empty
    axes = _axes(upper, by_step)
    for axis, measure in zip(axes, MEASURES, strict=False):
        _draw_measure(axis, epochs, steps, measure)
    for axis, column in zip(axes[len(MEASURES) :], OTHER_COLUMNS, strict=False):
        _draw_column(axis, steps, column)
    last = int((steps["step"] if by_step else epochs["epoch"]).max()) if by_step or len(epochs) else 1
    for axis in axes:
        axis.set_xlim(-0.02 * last, 1.02 * last)
        axis.set_xlabel("Optimizer step" if by_step else "Epoch")
        axis.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        axis.grid(alpha=0.3)
        _mark(axis, [finding.step if by_step else finding.epoch for finding in findings])
    upper.suptitle(summary(epochs, planned_epochs))
    lower.text(0.01, 1.0, "\n".join(explained), va="top", fontsize=9)
    return figure


def _axes(figure: SubFigure, by_step: bool) -> list[Axes]:
    """Two large plots, and three small ones below if there are steps to draw."""
    grid = figure.add_gridspec(2 if by_step else 1, 6, height_ratios=[3, 2] if by_step else [1])
    places = [grid[0, :3], grid[0, 3:]]
    if by_step:
        places += [grid[1, left : left + 2] for left in (0, 2, 4)]
    return [figure.add_subplot(place) for place in places]


def _draw_measure(axis: Axes, epochs: pd.DataFrame, steps: pd.DataFrame, measure: str) -> None:
    train, validation, ends = f"train_{measure}", f"val_{measure}", epoch_ends(epochs, steps)
    if not steps.empty:
        axis.plot(steps["step"], steps[train], color=TRAIN, alpha=0.25, linewidth=0.8, label="train, by step")
        axis.plot(steps["step"], smoothed(steps[train]), color=TRAIN, label="train, smoothed")
    elif not epochs.empty:
        axis.plot(ends, epochs[train], color=TRAIN, marker="o", markersize=3, label="train, augmented")
    if not epochs.empty:
        axis.plot(ends, epochs[validation], color=VALIDATION, marker="o", markersize=4, label="validation")
    best = best_row(epochs)
    if best is not None:
        at = ends.iloc[best], epochs[validation].iloc[best]
        ring: dict[str, Any] = {"marker": "o", "markersize": 10, "fillstyle": "none", "linestyle": "none"}
        axis.plot(*[[value] for value in at], color=VALIDATION, label="lowest validation loss", **ring)
    if measure == "acc1":
        axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    elif not steps.empty and steps[train].max() > EXPLODED * steps[train].iloc[0]:
        logarithmic(axis, steps[train])
    axis.set_title(MEASURES[measure], pad=14)
    axis.legend(fontsize=8)


def _draw_column(axis: Axes, steps: pd.DataFrame, column: str) -> None:
    values = steps[column]
    raw: dict[str, Any] = {} if column == "lr" else {"alpha": 0.25, "linewidth": 0.8}
    axis.plot(steps["step"], values, color=OTHER, **raw)
    if column != "lr":
        axis.plot(steps["step"], smoothed(values), color=OTHER)
    if column == "gradient_norm" and bool((values > 0).any()):
        logarithmic(axis, values)
    else:
        axis.set_ylim(bottom=0)
    axis.set_title(OTHER_COLUMNS[column], pad=14)


def logarithmic(axis: Axes, values: pd.Series) -> None:
    """Makes the vertical axis of `values` logarithmic, with labels as plain numbers."""
    positive = values[np.isfinite(values) & (values > 0)]
    wide = bool(positive.max() > 1000 * positive.min())
    axis.set_yscale("log")
    axis.yaxis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 2, 5)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())


def summary(epochs: pd.DataFrame, planned: int | None = None) -> str:
    """The number of epochs, and of those planned if it is given, and the best of them, in one line."""
    of_all = "" if planned is None else f" of {planned}"
    count = f"{len(epochs)}{of_all} epoch{'s' if (planned or len(epochs)) != 1 else ''}"
    best = best_row(epochs)
    if best is None:
        return count
    loss, accuracy, epoch = (epochs[name].iloc[best] for name in ("val_loss", "val_acc1", "epoch"))
    return f"{count}; lowest validation loss {loss:.3f} (accuracy {accuracy:.1%}) after epoch {epoch}"


def _mark(axis: Axes, places: Sequence[int]) -> None:
    for number, place in enumerate(places, 1):
        axis.axvline(place, color=MARK, linestyle="--", linewidth=1)
        at: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 8, "color": MARK}
        axis.annotate(str(number), (place, 1), xycoords=("data", "axes fraction"), **at)


def _explanations(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for number, finding in enumerate(findings[:EXPLAINED], 1):
        change = f" Change {finding.change}." if finding.change else ""
        sentence = f"{number}  Epoch {finding.epoch}, step {finding.step}: {finding.check}. {finding.seen}{change}"
        lines += textwrap.wrap(sentence, 170, subsequent_indent="    ")
    if len(findings) > EXPLAINED:
        lines.append(f"{len(findings) - EXPLAINED} more in findings.json")
    return lines
