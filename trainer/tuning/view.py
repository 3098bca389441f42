"""What people see of a study while it runs: a live table on a terminal, and lines elsewhere."""

import logging
import sys
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from trainer.tuning.storage import StudyStorage
from trainer.tuning.study import Study, StudySettings
from trainer.tuning.study_page import write_page
from trainer.tuning.trials import Trial, best_first, best_trial, short_names

SHOWN_TRIALS = 20
PAGE_EVERY_SECONDS = 120.0

logger = logging.getLogger(__name__)


class StudyView:
    """Shows the trials of a study, and writes its page from time to time."""

    def __init__(self, study: Study, settings: StudySettings, storage: StudyStorage) -> None:
        self.study = study
        self.settings = settings
        self.storage = storage
        self.seen: dict[int, tuple[str, int]] = {}
        self.page_at = time.monotonic()
        self.live = Live(console=Console(stderr=True), auto_refresh=False) if sys.stderr.isatty() else None

    def __enter__(self) -> "StudyView":
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *error: Any) -> None:
        if self.live:
            self.live.stop()

    def look(self) -> int:
        """Shows what is new. Returns the number of finished epochs of all trials."""
        trials = self.storage.trials()
        if self.live:
            self.live.update(study_table(trials, self.settings), refresh=True)
        else:
            self._log(trials)
        if time.monotonic() - self.page_at > PAGE_EVERY_SECONDS:
            write_page(self.study, self.settings, trials)
            self.page_at = time.monotonic()
        return sum(trial.done for trial in trials)

    def _log(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            now = (trial.state, trial.done)
            if trial.state in ("paused", "complete", "failed") and self.seen.get(trial.number) != now:
                self.seen[trial.number] = now
                logger.info(sentence(trial, self.settings))


def sentence(trial: Trial, settings: StudySettings) -> str:
    """How far a trial has come, and how good it is."""
    if trial.state == "failed":
        return f"Trial {trial.number} has failed: {trial.note}"
    return (
        f"Trial {trial.number}: {trial.done} of {settings.halving.full} epochs, "
        f"{measured(trial, settings)}{', complete' if trial.state == 'complete' else ''}. {trial.values_text}"
    )


def measured(trial: Trial, settings: StudySettings) -> str:
    """The trial's best measure in words."""
    if not trial.objective:
        return "nothing measured yet"
    return f"{settings.measure_name} {settings.text(trial.best())}"


def study_table(trials: Sequence[Trial], settings: StudySettings) -> Table:
    """The best trials, those that came furthest first."""
    best = best_trial(list(trials))
    epochs = sum(trial.done for trial in trials)
    table = Table(
        "trial",
        "state",
        "epochs",
        "best",
        *short_names(list(settings.space)),
        title=f"{len(trials)} trials, {epochs} epochs",
    )
    order = sorted(trials, key=best_first)
    for trial in order[:SHOWN_TRIALS]:
        shown = f"{abs(trial.best()):.4f}" if trial.objective else ""
        style = "bold" if best and trial.number == best.number else "dim" if trial.state in ("paused", "failed") else ""
        values = [str(trial.values[key]) for key in settings.space]
        table.add_row(
            str(trial.number), trial.state, f"{trial.done}/{settings.halving.full}", shown, *values, style=style
        )
    if len(order) > SHOWN_TRIALS:
        table.caption = f"{len(order) - SHOWN_TRIALS} more"
    return table
