"""What is done with the best trial of a finished search."""

import logging
from pathlib import Path

from trainer.distributed import ALONE
from trainer.notices import Notices
from trainer.pipeline import train_to_bundle
from trainer.progress import ProgressBar, silent
from trainer.tuning.database import StudyError
from trainer.tuning.opening import open_study, open_trials
from trainer.tuning.repeats import compare, sentence
from trainer.tuning.search_options import SearchOptions
from trainer.tuning.study import Study, StudySettings
from trainer.tuning.study_page import best_recipe, write_page
from trainer.tuning.trials import Trial, best_trial

logger = logging.getLogger(__name__)


def compare_winner(study: Study, given: SearchOptions, seeds: int, progress: ProgressBar = silent) -> None:
    """Trains the best trial and the recipe on new seeds, says which is better, and adds it to the study's page.

    Raises:
        DogbreedError: see `trainer.training.fit.train`.
    """
    settings, trials, best = _finished(given)
    repeats = compare(study, settings, best_recipe(settings, best), seeds, given.data, given.cache, progress)
    logger.info(sentence(repeats))
    write_page(study, settings, trials)


def train_winner(study: Study, given: SearchOptions) -> Path:
    """Calibrates, exports and measures the best trial as `manage.py train` would, and trains it to its end first.

    Raises:
        DogbreedError: see `trainer.pipeline.train_to_bundle`.
    """
    run = study.run(_finished(given)[2].number)
    train_to_bundle(run, given.data, given.cache, Notices(ALONE))
    return run.bundle


def _finished(given: SearchOptions) -> tuple[StudySettings, list[Trial], Trial]:
    study, settings = open_study(given)
    trials = open_trials(study, settings).trials()
    best = best_trial(trials)
    if best is None:
        raise StudyError(f"No trial of {study.path} has finished an epoch.")
    return settings, trials, best
