"""The values of a new trial: Optuna's samplers, as a function of the trials so far.

Each proposal comes from a fresh sampler whose seed depends on the study's seed and the trial's number, so a study that
was stopped and continued proposes what an uninterrupted one would have.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from trainer.recipes.recipe import Choices, Searched
from trainer.recipes.search_space import Values, is_log
from trainer.training.seeds import seed_for
from trainer.tuning.trials import Trial

Sampler = Literal["tpe", "random", "grid"]
Space = Mapping[str, Searched]

RANDOM_TRIALS = 6  # before TPE has something to learn from
DIGITS = 4  # of a proposed number, so that people can read it and repeat it


def propose(space: Space, own: Values, trials: Sequence[Trial], sampler: Sampler, seed: int) -> Values:
    """The values of the next trial. Trial 0 has the recipe's own values.

    Args:
        sampler: `tpe` learns from the trials, `random` does not, `grid` takes all combinations in random order.
    """
    number = len(trials)
    if sampler == "grid":
        return _combinations(space, own, seed)[number]
    if number == 0:
        return dict(own)
    chosen = (
        optuna.samplers.TPESampler(
            seed=seed_for(seed, number) % 2**32, n_startup_trials=RANDOM_TRIALS, multivariate=True, constant_liar=True
        )
        if sampler == "tpe"
        else optuna.samplers.RandomSampler(seed=seed_for(seed, number) % 2**32)
    )
    study = optuna.create_study(sampler=chosen)
    study.add_trials([for_sampler(trial, space) for trial in trials if trial.state != "failed"])
    proposed = study.ask(distributions(space)).params
    return {key: _rounded(proposed[key], searched) for key, searched in space.items()}


def grid_size(space: Space) -> int:
    """The number of combinations; 0 if a range has infinitely many values."""
    return math.prod(len(s.choices) if isinstance(s, Choices) else 0 for s in space.values())


def _combinations(space: Space, own: Values, seed: int) -> list[Values]:
    """All combinations in random order, the recipe's own first."""
    choices = [searched.choices if isinstance(searched, Choices) else [] for searched in space.values()]
    all_of_them: list[Values] = [dict(zip(space, values, strict=True)) for values in product(*choices)]
    order = np.random.default_rng(seed_for(seed)).permutation(len(all_of_them))
    shuffled = [all_of_them[index] for index in order]
    return sorted(shuffled, key=lambda values: values != own)


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The space in Optuna's terms."""
    return {key: _distribution(searched) for key, searched in space.items()}


def _distribution(searched: Searched) -> BaseDistribution:
    if isinstance(searched, Choices):
        return CategoricalDistribution(searched.choices)
    low, high = searched.low, searched.high
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log=is_log(searched))
    return FloatDistribution(low, high, log=is_log(searched))


def _rounded(value: Any, searched: Searched) -> Any:
    if isinstance(searched, Choices) or isinstance(value, int):
        return value
    return min(max(float(f"{value:.{DIGITS}g}"), searched.low), searched.high)


def for_sampler(trial: Trial, space: Space) -> FrozenTrial:
    """The trial as a sampler should see it: one that is paused counts like one that Optuna pruned."""
    best = trial.best()
    seen = trial.done > 0 and math.isfinite(best)
    unfinished = TrialState.PRUNED if seen else TrialState.RUNNING
    state = TrialState.COMPLETE if trial.state == "complete" else unfinished
    return optuna.trial.create_trial(
        state=state,
        value=best if state == TrialState.COMPLETE else None,
        params=dict(trial.values),
        distributions=distributions(space),
        # TPE compares pruned trials by their last step and its value.
        intermediate_values={trial.done: best} if seen else {},
    )
