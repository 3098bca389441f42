"""One plot that compares several runs."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from dogbreed.errors import AlreadyExistsError
from trainer.files import whole_file
from trainer.runs.found_runs import FoundRun, RunsError
from trainer.training.curves import MEASURES, summary
from trainer.training.run_records import epoch_ends, read_epochs, read_steps, smoothed

FORMATS = (".png", ".svg", ".pdf")
MOST_RUNS = 20  # that can be told apart by their colours
WIDTH, HEIGHT, LINE_HEIGHT = 12.0, 5.0, 0.22  # inches
LOG_FROM = 20  # the ratio of the highest to the lowest loss


def check_plot(path: Path, runs: int) -> None:
    """Checks that a plot of so many runs can be written to `path`.

    Raises:
        AlreadyExistsError: the file exists.
        RunsError: the file's name says no format, its folder is missing, or there are too many runs, or none.
    """
    if path.suffix.lower() not in FORMATS:
        raise RunsError(f"A plot is written as {', '.join(FORMATS)}, not as {path.name}.")
    if path.exists():
        raise AlreadyExistsError(f"{path} exists already and is not overwritten. Name another file, or remove it.")
    if not path.parent.is_dir():
        raise RunsError(f"There is no folder {path.parent} for the plot. Make it first.")
    if not 1 <= runs <= MOST_RUNS:
        raise RunsError(f"A plot compares up to {MOST_RUNS} runs, and there are {runs}. Name the runs to compare.")


def plot_runs(found: Sequence[FoundRun], path: Path) -> None:
    """Draws the loss and the accuracy of several runs by epoch: validation bold, training thin.

    Raises:
        AlreadyExistsError, RunsError: see `check_plot`.
    """
    check_plot(path, len(found))
    matplotlib.use("Agg")  # a server has no screen
    figure = Figure(figsize=(WIDTH, HEIGHT + LINE_HEIGHT * len(found)), layout="constrained")
    axes = figure.subplots(1, 2)
    colours = matplotlib.colormaps["tab10" if len(found) <= 10 else "tab20"].colors  # type: ignore[attr-defined]
    losses = []
    for each, colour in zip(found, colours, strict=False):
        epochs, steps = read_epochs(each.run.path), read_steps(each.run.path)
        for axis, measure in zip(axes, MEASURES, strict=True):
            _draw(axis, epochs, steps, measure, colour)
        axes[0].plot([], [], color=colour, label=f"{each.name}: {summary(epochs)}")
        losses += [] if epochs.empty else [float(loss) for loss in epochs["val_loss"].dropna()]
    for axis, title in zip(axes, MEASURES.values(), strict=True):
        axis.set(title=title, xlabel="Epoch")
        axis.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        axis.grid(alpha=0.3)
    axes[1].yaxis.set_major_formatter(PercentFormatter(1.0))
    if losses and min(losses) > 0 and max(losses) > LOG_FROM * min(losses):
        axes[0].set_yscale("log")
    title = "bold: validation, thin: train, smoothed"
    figure.legend(loc="outside lower left", fontsize=9, frameon=False, title=title, title_fontsize=9, alignment="left")
    with whole_file(path) as unfinished:
        figure.savefig(unfinished, dpi=120, format=path.suffix[1:].lower())


def _draw(axis: Axes, epochs: pd.DataFrame, steps: pd.DataFrame, measure: str, colour: object) -> None:
    if epochs.empty:
        return
    if steps.empty:
        axis.plot(epochs["epoch"], epochs[f"train_{measure}"], color=colour, alpha=0.5, linewidth=0.8)
    else:
        steps_in_epoch = epoch_ends(epochs, steps).iloc[-1] / epochs["epoch"].iloc[-1]
        train = smoothed(steps[f"train_{measure}"])
        axis.plot(steps["step"] / steps_in_epoch, train, color=colour, alpha=0.5, linewidth=0.8)
    axis.plot(epochs["epoch"], epochs[f"val_{measure}"], color=colour, marker="o", markersize=4)
