"""Which trial is trained next, and for how many epochs: asynchronous successive halving.

As in Li et al., "A System for Massively Parallel Hyperparameter Tuning" (2018), arXiv:1810.05934. A trial begins with a
few epochs. Where it is among the best third of all trials that came as far, it goes on from its checkpoint to three
times as many. Nothing here reads a clock or a random number: the same trials give the same decision.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trainer.tuning.trials import Trial


@dataclass(frozen=True)
class Halving:
    """The numbers of epochs after which trials are compared, rising to the recipe's own.

    Attributes:
        rungs: such as 7, 20, 60; a single one trains every trial to its end.
        reduction: one trial in so many goes on to the next rung.
    """

    rungs: tuple[int, ...]
    reduction: int = 3

    @property
    def full(self) -> int:
        return self.rungs[-1]


def rungs_of(epochs: int, fewest: int | None, reduction: int) -> tuple[int, ...]:
    """The numbers of epochs between `fewest` and `epochs`, each about `reduction` times the one before.

    Args:
        fewest: epochs of the first comparison; None for two comparisons before the last epoch.
    """
    first = min(epochs, fewest or math.ceil(epochs / reduction**2))
    rungs = [epochs]
    while rungs[0] > first:
        rungs.insert(0, max(first, math.ceil(rungs[0] / reduction)))
    return tuple(rungs)


@dataclass(frozen=True)
class Budget:
    """The number of trials, and of epochs of all trials together; None for no limit."""

    trials: int | None = None
    epochs: int | None = None


@dataclass(frozen=True)
class Job:
    """Train a trial, or a new one (None), until it has so many epochs."""

    number: int | None
    until: int


def next_job(trials: Sequence[Trial], halving: Halving, budget: Budget) -> Job | Literal["wait", "done"]:
    """The next job; "wait" while running trials may still give one, and "done" if there is none.

    In this order: trials that were left in the middle, promotions, new trials. If no trial has come to its end, the
    best one is trained to the end at last.
    """
    for trial in trials:
        if trial.state == "left":
            return Job(trial.number, trial.until)
    left = _Left(budget, sum(trial.given_epochs for trial in trials))
    for job in _promotions(trials, halving):
        if left.allows(job.until - trials[job.number or 0].until):
            return job
    ended = any(trial.state == "complete" for trial in trials)
    reserved = 0 if ended else halving.full - halving.rungs[0]  # so that the budget trains one trial to its end
    if (budget.trials is None or len(trials) < budget.trials) and left.allows(halving.rungs[0] + reserved):
        return Job(None, halving.rungs[0])
    if any(trial.state == "running" for trial in trials):
        return "wait"
    paused = [trial for trial in trials if trial.state == "paused"]
    if ended or not paused:
        return "done"
    best = min(paused, key=lambda trial: (-trial.until, trial.best(trial.until), trial.number))
    return Job(best.number, halving.full) if left.allows(halving.full - best.until) else "done"


@dataclass(frozen=True)
class _Left:
    budget: Budget
    given: int

    def allows(self, epochs: int) -> bool:
        return self.budget.epochs is None or self.given + epochs <= self.budget.epochs


def _promotions(trials: Sequence[Trial], halving: Halving) -> list[Job]:
    """Trials that may go on, those of the highest rung first."""
    jobs = []
    for rung, following in reversed(list(zip(halving.rungs, halving.rungs[1:], strict=False))):
        reached = sorted(
            (trial for trial in trials if trial.has_reached(rung)), key=lambda trial: (trial.best(rung), trial.number)
        )
        best = reached[: len(reached) // halving.reduction]
        jobs += [Job(t.number, following) for t in best if t.state == "paused" and t.until == rung]
    return jobs
