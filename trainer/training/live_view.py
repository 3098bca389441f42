"""`manage.py train --live`: curves and speed of the training on the terminal, while it runs."""

import logging
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar as Bar
from rich.table import Table
from rich.text import Text

from trainer.training.run_records import read_epochs, read_steps
from trainer.training.terminal_charts import accuracy_chart, figures, loss_chart

REFRESH_SECONDS = 1.0
SPEED_OVER = 10  # recorded steps
SIDE_BY_SIDE_FROM = 100  # columns
LINES_WITHOUT_CHARTS = 6
LOWEST_CHART, HIGHEST_CHART = 8, 18  # lines

logger = logging.getLogger("trainer")


class LiveView(ProgressBar):
    """Shows what `steps.csv` and `epochs.csv` of a run hold, in place of Lightning's progress bar.

    Where several processes train, only the first one has a view.

    Args:
        console: the terminal; standard error by default.
    """

    def __init__(self, run: Path, console: Console | None = None) -> None:
        super().__init__()
        self.run = run
        self.console = console or Console(stderr=True)
        self.live: Live | None = None
        self.handlers: list[logging.Handler] = []
        self.steps = 1
        self.measured_from: tuple[int, float] | None = None  # a step, and the time when it was done
        self.shown_at = time.monotonic()

    def disable(self) -> None:
        """Lightning calls it in processes that are not the first one, which have no view."""

    def enable(self) -> None:
        """There is nothing to enable."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.steps = int(trainer.num_training_batches) * int(trainer.max_epochs or 1)
        self.measured_from = None
        self.live = Live(console=self.console, auto_refresh=False)
        self.live.start()
        self.handlers, logger.handlers = logger.handlers, [LinesAbove(self.console, logger.handlers)]
        self._show(trainer)

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        if self.measured_from is None:  # the first step may wait for the compiler
            self.measured_from = trainer.global_step, time.monotonic()
        self._show_if_due(trainer)

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        self._show_if_due(trainer)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._show(trainer)
        self._stop()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._stop()

    def _stop(self) -> None:
        if self.live:
            self.live.stop()
            self.live, logger.handlers = None, self.handlers

    def _show_if_due(self, trainer: Trainer) -> None:
        if time.monotonic() - self.shown_at > REFRESH_SECONDS:
            self._show(trainer)

    def _show(self, trainer: Trainer) -> None:
        if not self.live:
            return
        step = trainer.global_step
        left = self._seconds_left(step)
        epochs = int(trainer.max_epochs or 1)
        place = f"{min(trainer.current_epoch + 1, epochs)}/{epochs}"
        page = live_page(
            read_epochs(self.run), read_steps(self.run), place, (step, self.steps), left, self.console.size
        )
        self.live.update(page, refresh=True)
        self.shown_at = time.monotonic()

    def _seconds_left(self, step: int) -> float | None:
        """If the remaining steps, with their validation, take as long as those so far; None while nobody knows."""
        first, then = self.measured_from or (step, 0.0)
        return (time.monotonic() - then) / (step - first) * (self.steps - step) if step > first else None


class LinesAbove(logging.Handler):
    """Prints log lines above the view: whoever wrote them to the same terminal directly would write into it.

    Args:
        before: the handlers that they go to otherwise, and also now if standard output is a file.
    """

    def __init__(self, console: Console, before: list[logging.Handler]) -> None:
        super().__init__(logging.INFO)
        self.console = console
        self.before = before

    def emit(self, record: logging.LogRecord) -> None:
        self.console.print(self.format(record), markup=False, highlight=False, soft_wrap=True)
        if record.levelno < logging.WARNING and not sys.stdout.isatty():
            for handler in self.before:
                handler.handle(record)


def live_page(
    epochs: pd.DataFrame,
    steps: pd.DataFrame,
    epoch: str,
    done: tuple[int, int],
    left: float | None,
    size: tuple[int, int],
) -> RenderableType:
    """The whole view.

    Args:
        epoch: the current one of all, for people.
        done: steps, and how many there will be.
        left: seconds; None while nobody knows.
        size: columns and lines of the terminal.
    """
    columns, lines = size
    wide = columns >= SIDE_BY_SIDE_FROM
    room = (lines - LINES_WITHOUT_CHARTS) // (1 if wide else 2)
    height = min(max(room, LOWEST_CHART), HIGHEST_CHART)
    width = columns // 2 - 1 if wide else columns - 1
    charts = [chart(epochs, steps, width, height) for chart in (loss_chart, accuracy_chart)]
    grid = Table.grid(padding=(0, 1))
    if wide:
        grid.add_row(*charts)
    else:
        for chart in charts if room >= LOWEST_CHART else charts[:1]:
            grid.add_row(chart)
    return Group(
        figures(("epoch", "step", "left"), (epoch, f"{done[0]}/{done[1]}", duration(left))),
        Columns([Bar(total=done[1], completed=done[0], width=columns - 1)]),  # a bar alone does not end its line
        _latest(epochs, steps),
        Text("line: train, smoothed   o: validation", style="dim"),
        grid,
    )


def _latest(epochs: pd.DataFrame, steps: pd.DataFrame) -> Text:
    """The newest values."""
    names, values = [], []
    if len(steps):
        last = steps.iloc[-1]
        names += ["photos/s", "learning rate", "gradient norm", "train loss"]
        speed = steps["photos_per_second"].iloc[-SPEED_OVER:].mean()
        values += [f"{speed:.0f}", f"{last['lr']:.2g}", f"{last['gradient_norm']:.3g}", f"{last['train_loss']:.3f}"]
    if len(epochs):
        names += ["validation loss", "accuracy"]
        values += [f"{epochs['val_loss'].iloc[-1]:.3f}", f"{epochs['val_acc1'].iloc[-1]:.1%}"]
    return figures(names, values)


def duration(seconds: float | None) -> str:
    """h:mm:ss; a question mark where it is not known."""
    return "?" if seconds is None else str(timedelta(seconds=round(seconds)))
