"""A trial of a study as its records tell it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["running", "left", "paused", "complete", "failed"]


@dataclass(frozen=True)
class Trial:
    """One combination of values, and how far its training has come.

    Attributes:
        number: from 0; trial 0 is the recipe itself.
        values: the searched values, by key.
        until: the epochs that it was given so far.
        objective: what is compared, by epoch from 1; lower is better.
        state: `running` in a worker; `left` by a worker that was killed or stopped; `paused` after the epochs that it
            was given; `complete` when it was trained to its end, or stopped early; or `failed`.
        seconds: the time that each epoch took.
        ended_at: when each epoch ended, in seconds since 1970.
        worker: who trains it now.
        note: why it failed or stopped early.
    """

    number: int
    values: dict[str, Any]
    until: int
    state: State
    objective: dict[int, float] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    ended_at: dict[int, float] = field(default_factory=dict)
    worker: str = ""
    note: str = ""

    @property
    def done(self) -> int:
        """Finished epochs."""
        return max(self.objective, default=0)

    @property
    def values_text(self) -> str:
        """The searched values in one line, for people."""
        return ", ".join(f"{key} {value}" for key, value in self.values.items())

    @property
    def given_epochs(self) -> int:
        """What it costs the study's budget."""
        return self.done if self.state in ("complete", "failed") else self.until

    def best(self, epochs: int | None = None) -> float:
        """The best objective of its first epochs, or of all; infinite if there is none."""
        within = (value for epoch, value in self.objective.items() if epochs is None or epoch <= epochs)
        return min((value for value in within if not math.isnan(value)), default=math.inf)

    def has_reached(self, rung: int) -> bool:
        """Whether it can be compared with trials of so many epochs. One that had stopped early always can."""
        return self.state == "complete" or (self.state != "failed" and self.done >= rung)


def best_trial(trials: list[Trial]) -> Trial | None:
    """The best of the trials that were trained to their end; before there is one, of those that came furthest."""
    ended = [trial for trial in trials if trial.state == "complete"]
    further = ended or [trial for trial in trials if trial.state != "failed" and trial.objective]
    return min(further, key=lambda trial: (0 if ended else -trial.done, trial.best(), trial.number), default=None)


def best_first(trial: Trial) -> tuple[bool, int, float, int]:
    """Sorts trials for people: those that came furthest first, and the best of them first."""
    return trial.state == "failed", -trial.done, trial.best(), trial.number


def short_names(keys: Sequence[str]) -> list[str]:
    """The keys without their section, where that is clear."""
    names = [key.partition(".")[2].removesuffix(".0") or key for key in keys]
    return [name if names.count(name) == 1 else key for name, key in zip(names, keys, strict=True)]
