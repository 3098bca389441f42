"""A worker of a study: takes the next job, trains, and reports, until nothing is left to do."""

import logging
import time
from pathlib import Path
from typing import Literal

from trainer.recipes.search_space import own_values
from trainer.tuning.halving import Budget, next_job
from trainer.tuning.jobs import stop_with
from trainer.tuning.opening import open_study, open_trials
from trainer.tuning.sampling import propose
from trainer.tuning.search_options import SearchOptions, budget_of
from trainer.tuning.storage import StudyStorage
from trainer.tuning.study import Study, StudySettings
from trainer.tuning.trial_training import ClaimLostError, TrialTraining
from trainer.tuning.trials import Trial

WAIT_SECONDS = 1.0

logger = logging.getLogger(__name__)


def work_for(parent: int, given: SearchOptions) -> None:
    """Works on a study in this process, for as long as the parent process lives."""
    stop_with(parent)
    study, settings = open_study(given)
    storage = open_trials(study, settings)
    work(study, settings, storage, budget_of(settings, given), given.data, given.cache, given.stop_at)


def work(
    study: Study,
    settings: StudySettings,
    storage: StudyStorage,
    budget: Budget,
    data: Path,
    cache: Path,
    stop_at: float | None = None,
) -> None:
    """Trains trials until the budget is used up and no trial may go on.

    A job that a signal or an error interrupts is given back; another worker, or this one later, takes it from its last
    checkpoint.

    Args:
        stop_at: the value of `time.monotonic()` at which to stop after the epoch.

    Raises:
        DogbreedError: see `trainer.training.fit.train`.
        StudyError: the database cannot be reached.
        TrainingStopped: a signal asked for it.
    """
    training = TrialTraining(study, settings, storage, data, cache, stop_at)
    with storage.claims.renewing():
        while stop_at is None or time.monotonic() < stop_at:
            taken = take_job(storage, settings, budget)
            if taken == "done":
                return
            if taken == "wait":
                time.sleep(WAIT_SECONDS)
            else:
                _train(training, *taken)


def _train(training: TrialTraining, trial: Trial, until: int) -> None:
    logger.info(f"Trial {trial.number}, epochs {trial.done + 1} to {until}: {trial.values_text}.")
    try:
        training.train(trial, until)
    except ClaimLostError:
        logger.warning(f"Another worker has taken trial {trial.number}.")
    except BaseException:
        training.storage.claims.release(trial.number)
        raise


def take_job(
    storage: StudyStorage, settings: StudySettings, budget: Budget
) -> tuple[Trial, int] | Literal["wait", "done"]:
    """Claims the next job: a trial, and the epochs that it should come to; or "wait", or "done"."""
    with storage.deciding():
        trials = storage.trials()
        job = next_job(trials, settings.halving, budget)
        if isinstance(job, str):
            return job
        if job.number is None:
            own = own_values(settings.recipe, settings.space)
            values = propose(settings.space, own, trials, settings.sampler, settings.seed)
            trial = Trial(storage.create(values, job.until), dict(values), job.until, "left")
        else:
            trial = trials[job.number]
        if not storage.claims.take(trial.number):
            return "wait"
        storage.start(trial.number, job.until)
    return trial, job.until
