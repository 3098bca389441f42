"""A whole search: workers train the trials of a study, and the winner is named."""

import logging
import time

from trainer.tuning.database import StudyError
from trainer.tuning.jobs import Workers
from trainer.tuning.opening import open_study, open_trials
from trainer.tuning.search_options import SearchOptions
from trainer.tuning.study import Study, StudySettings
from trainer.tuning.study_page import write_page
from trainer.tuning.trials import Trial, best_trial
from trainer.tuning.view import StudyView, measured

logger = logging.getLogger(__name__)


def search(given: SearchOptions) -> Study:
    """Starts a study or joins one, trains until its budget is used up, and writes its page.

    Raises:
        DogbreedError: see `trainer.training.fit.train`.
        KeyboardInterrupt: a signal asked to stop; the same command continues.
        RecipeError: the recipe or the search is not valid.
        StudyError: the folder holds another study, or its database cannot be used.
        WorkerError: a worker has failed.
    """
    study, settings = open_study(given)
    logger.info(f"Study: {study.path}")
    storage = open_trials(study, settings)
    with StudyView(study, settings, storage) as view:
        Workers(study, _worker_options(study, settings, given), given.jobs).run(view.look)
    trials = storage.trials()
    best = best_trial(trials)
    if best is None:
        raise StudyError(f"No trial has finished an epoch. Their notes and logs are in {study.path}.")
    write_page(study, settings, trials)
    _say(study, settings, trials, best)
    return study


def _worker_options(study: Study, settings: StudySettings, given: SearchOptions) -> list[str]:
    options = {
        "--study": study.path.resolve(),
        "--data": given.data.resolve(),
        "--cache": given.cache.resolve(),
        "--trials": given.trials,
        "--epochs": given.epochs,
        "--minutes": None if given.stop_at is None else max(0.0, (given.stop_at - time.monotonic()) / 60),
        "--storage": settings.storage or None,
    }
    return [str(part) for name, value in options.items() if value is not None for part in (name, value)]


def _say(study: Study, settings: StudySettings, trials: list[Trial], best: Trial) -> None:
    logger.info(f"Best: trial {best.number}, {measured(best, settings)} after {best.done} epochs. {best.values_text}")
    ended = sorted((t for t in trials if t.state == "complete"), key=lambda t: t.best())[:3]
    logger.info(f"Train with it: python manage.py train --recipe {study.best_recipe} --data DATA")
    if len(ended) > 1:
        runs = " ".join(str(study.run(trial.number).path) for trial in ended)
        logger.info(f"Or average the best trials: manage.py export each of {runs}, then manage.py blend.")
