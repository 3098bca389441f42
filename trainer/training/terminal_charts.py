"""Curves of a run as text for a terminal, in braille dots."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from plotille import Figure
from rich.text import Text

from trainer.training.run_records import epoch_ends, smoothed

AXIS_COLUMNS = 23  # that plotille adds to the left and to the right of a chart
INSIDE = 1.01  # plotille leaves out points that lie exactly at the end of an axis
AXIS_LINES = 4  # that it adds above and below
TRAIN, VALIDATION = "bright_blue", "bright_yellow"


def loss_chart(epochs: pd.DataFrame, steps: pd.DataFrame, width: int, height: int) -> Text:
    """The training loss (smoothed line) and the validation loss (`o`) by step, in `height` lines of `width` columns."""
    return _chart("loss", epochs, steps, "loss", width, height)


def accuracy_chart(epochs: pd.DataFrame, steps: pd.DataFrame, width: int, height: int) -> Text:
    """The same for the accuracy, 0..1."""
    return _chart("accuracy", epochs, steps, "acc1", width, height)


def _chart(label: str, epochs: pd.DataFrame, steps: pd.DataFrame, measure: str, width: int, height: int) -> Text:
    figure = Figure()
    figure.width, figure.height = width - AXIS_COLUMNS, height - AXIS_LINES
    figure.color_mode = "names"
    figure.origin = False
    figure.x_label, figure.y_label = "step", label
    figure.register_label_formatter(float, _label)
    figure.register_label_formatter(int, _label)
    figure.set_x_limits(0, INSIDE * (int(steps["step"].max()) if len(steps) else 1))
    train = smoothed(steps[f"train_{measure}"])
    if measure == "acc1":
        highest = max([0.0, *train.dropna(), *(epochs["val_acc1"] if len(epochs) else ())])
        figure.set_y_limits(0, INSIDE * (highest or 1.0))
    figure.plot(*_points(steps["step"], train, 2 * figure.width), lc=TRAIN)
    if len(epochs):
        figure.plot(
            *_points(epoch_ends(epochs, steps), epochs[f"val_{measure}"], figure.width), lc=VALIDATION, marker="o"
        )
    return Text.from_ansi(figure.show())


def _points(x: pd.Series, y: pd.Series, at_most: int) -> tuple[list[float], list[float]]:
    """The finite points, or so many of them spread evenly: a terminal cannot show more."""
    finite = np.flatnonzero(np.isfinite(y.to_numpy(np.float64)))
    chosen = finite[np.linspace(0, len(finite) - 1, min(at_most, len(finite))).astype(int)]
    return _floats(x.iloc[chosen]), _floats(y.iloc[chosen])


def _floats(values: pd.Series) -> list[float]:
    return [float(value) for value in values]


def _label(value: float, chars: int, delta: float, left: bool) -> str:
    # The labels of steps are on the left of their places.
    return f"{value:.0f}".ljust(chars) if left else f"{value:.3g}".rjust(chars)


def figures(names: Sequence[str], values: Sequence[str]) -> Text:
    """Names and values in one line."""
    line = Text()
    for name, value in zip(names, values, strict=True):
        line.append(f"{name} ", style="dim").append(f"{value}   ", style="bold")
    return line
