"""A whole search: the study is started or joined, workers train, and the winner is named."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from dogbreed.errors import AlreadyExistsError
from dogbreed.model.bundle import sha256
from trainer.distributed import ALONE
from trainer.photos.manifest import MANIFEST_FILE
from trainer.pipeline import train_to_bundle
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe, Searched
from trainer.recipes.recipe_files import DEFAULT_RECIPE, read_recipe
from trainer.recipes.search import default_search, parse_search, search_space
from trainer.training.run import Run, start_run
from trainer.training.run_config import RunSettings
from trainer.tuning.comparison import compare, sentence
from trainer.tuning.database import StudyError
from trainer.tuning.halving import Budget, rungs_of
from trainer.tuning.jobs import Workers, stop_with
from trainer.tuning.lr_range import PLOT_FILE, find_learning_rate
from trainer.tuning.page import best_recipe, write_page
from trainer.tuning.sampling import grid_size
from trainer.tuning.storage import StudyStorage
from trainer.tuning.study import Study, StudySettings, create_study, read_settings
from trainer.tuning.training import starting_recipe, starting_weights
from trainer.tuning.trials import Trial, best_trial
from trainer.tuning.view import StudyView, measured
from trainer.tuning.worker import work

DEFAULT_TRIALS, DEFAULT_REDUCTION = 24, 3

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SearchOptions:
    """What a person asked for. None: not given, so that a joined study's own value holds."""

    data: Path
    cache: Path
    study: Path | None
    storage: str | None
    recipe: str | None
    changes: list[str]
    search: list[str]
    weights: str | None
    teachers: list[Path]
    seed: int | None
    trials: int | None
    epochs: int | None
    minutes: float | None
    measure: str | None
    sampler: str | None
    min_epochs: int | None
    reduction: int | None
    no_halving: bool
    jobs: int
    repeat: int | None
    started: float

    @classmethod
    def of(cls, options: Mapping[str, Any], started: float) -> Self:
        names = set(cls.__dataclass_fields__) - {"started", "teachers"}
        return cls(**{name: options[name] for name in names}, teachers=options["teacher"], started=started)

    @property
    def stop_at(self) -> float | None:
        return None if self.minutes is None else self.started + 60 * self.minutes

    @property
    def describes_a_search(self) -> bool:
        """Whether anything was given that a study is made of."""
        return any((
            self.recipe, self.changes, self.search, self.weights, self.teachers, self.seed is not None, self.measure,
            self.sampler, self.min_epochs, self.reduction, self.no_halving,
        ))  # fmt: skip


def search(given: SearchOptions, progress: ProgressBar = silent) -> Study:
    """Starts a study or joins one, trains until its budget is used up, and writes its page.

    Raises:
        DogbreedError: see `trainer.training.fit.train`.
        KeyboardInterrupt: a signal asked to stop; the same command continues.
        RecipeError: the recipe or the search is not valid.
        StudyError: the folder holds another study, or its database cannot be used.
        WorkerError: a worker has failed.
    """
    study, settings = _open(given)
    logger.info(f"Study: {study.path}")
    storage = StudyStorage(study.address(settings.storage), settings.name, settings.space, settings.measure)
    with StudyView(study, settings, storage) as view:
        Workers(study, _worker_options(study, settings, given), given.jobs).run(view.look)
    trials = storage.trials()
    best = best_trial(trials)
    if best is None:
        raise StudyError(f"No trial has finished an epoch. Their notes and logs are in {study.path}.")
    if given.repeat:
        repeats = compare(study, settings, best_recipe(settings, best), given.repeat, given.data, given.cache, progress)
        logger.info(sentence(repeats))
    write_page(study, settings, trials)
    _say(study, settings, trials, best)
    return study


def work_for(parent: int, given: SearchOptions) -> None:
    """Works on a study in this process, for as long as the parent process lives."""
    stop_with(parent)
    study, settings = _open(given)
    storage = StudyStorage(study.address(settings.storage), settings.name, settings.space, settings.measure)
    work(study, settings, storage, _budget(settings, given), given.data, given.cache, given.stop_at)


def train_winner(study: Study, given: SearchOptions) -> Path:
    """Calibrates, exports and measures the best trial as `manage.py train` would, and trains it to its end first."""
    settings = read_settings(study)
    storage = StudyStorage(study.address(settings.storage), settings.name, settings.space, settings.measure)
    best = best_trial(storage.trials())
    if best is None:
        raise StudyError(f"No trial of {study.path} has finished an epoch.")
    run = study.run(best.number)
    train_to_bundle(run, given.data, given.cache, ALONE)
    return run.bundle


def find_rate(given: SearchOptions, progress: ProgressBar = silent) -> Path:
    """The learning rate range test of a recipe. Returns the path of its plot."""
    recipe = _recipe(given)
    weights = given.weights or "imagenet"
    settings = _settings(given, "lr-range", recipe)
    run = Run(given.study or Path("runs") / f"lr-range-{_name(given)}-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    chosen = RunSettings(name=run.path.name, version="range", trained_on="", seed=settings.seed)
    start_run(run, given.data, starting_recipe(recipe, weights), starting_weights(settings), chosen, given.teachers)
    result = find_learning_rate(run, given.data, given.cache, progress=progress)
    if result.suggestion is None:
        logger.info("The loss does not fall at any rate.")
    else:
        logger.info(
            f"The loss falls fastest at a learning rate of {result.suggestion:.2g} for all layers; the recipe has "
            f"{recipe.optimizer.lr:.2g}. Search around it: --search optimizer.lr={result.suggestion / 10:.2g}.."
            f"{result.suggestion * 10:.2g}"
        )
    return run.path / PLOT_FILE


def _open(given: SearchOptions) -> tuple[Study, StudySettings]:
    """The study that was asked for; makes it if there is none."""
    study = Study(given.study or Path("runs") / f"study-{_name(given)}-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    if not study.exists:
        settings = _settings(given, f"{study.path.name}-{uuid4().hex[:8]}", _recipe(given))
        try:
            create_study(study, settings)
        except AlreadyExistsError:
            if not study.exists:  # otherwise another process has just made it
                raise
    settings = read_settings(study)
    _check_same(study, settings, given)
    if given.storage and study.address(given.storage).set(password=None) != study.address(settings.storage):
        raise StudyError(
            f"The study {study.path} keeps its trials in {study.address(settings.storage)}. Leave --storage out."
        )
    address = study.address(given.storage or settings.storage).render_as_string(hide_password=False)
    return study, settings.model_copy(update={"storage": address})


def _check_same(study: Study, settings: StudySettings, given: SearchOptions) -> None:
    manifest = _manifest_sha256(given.data)
    if manifest != settings.data_manifest_sha256:
        raise StudyError(f"The photos in {given.data} are not those of the study {study.path}. Give the same --data.")
    if not given.describes_a_search:
        return
    different = settings.differences(_settings(given, settings.name, _recipe(given)))
    if different:
        raise StudyError(
            f"{study.path} is a study with other settings ({', '.join(different)}). Name another folder with --study, "
            "or continue that study without these options."
        )


def _name(given: SearchOptions) -> str:
    return Path(given.recipe or DEFAULT_RECIPE).stem


def _recipe(given: SearchOptions) -> Recipe:
    return read_recipe(given.recipe or DEFAULT_RECIPE, given.changes)


def _settings(given: SearchOptions, name: str, recipe: Recipe) -> StudySettings:
    weights = given.weights or "imagenet"
    start = starting_recipe(recipe, weights)
    space = _space(given, start, weights)
    epochs, reduction = start.training.epochs, given.reduction or DEFAULT_REDUCTION
    if given.epochs is not None and given.epochs < epochs:
        raise StudyError(
            f"One trial takes {epochs} epochs. Give --epochs of at least that, or --set training.epochs=N."
        )
    return StudySettings(
        name=name,
        recipe=start.model_copy(update={"search": {}}),
        space=space,
        measure=given.measure or "val_loss",
        rungs=[epochs] if given.no_halving else list(rungs_of(epochs, given.min_epochs, reduction)),
        reduction=reduction,
        sampler=given.sampler or "tpe",
        seed=given.seed or 0,
        weights=str(Path(weights).resolve()) if Path(weights).is_file() else weights,
        teachers=[teacher.resolve() for teacher in given.teachers],
        data_manifest_sha256=_manifest_sha256(given.data),
        trials=_trials(given, space),
        epochs=given.epochs,
        storage=Study(Path()).address(given.storage).set(password=None).render_as_string() if given.storage else "",
    )


def _space(given: SearchOptions, recipe: Recipe, weights: str) -> dict[str, Searched]:
    if given.search:
        return search_space(recipe, parse_search(given.search))
    usual = default_search(recipe, weights != "none", bool(given.teachers))
    return search_space(recipe, recipe.search or usual)


def _trials(given: SearchOptions, space: dict[str, Searched]) -> int | None:
    if given.sampler == "grid":
        size = grid_size(space)
        if not size:
            raise StudyError("A grid needs choices for every value: --search KEY=A,B,C.")
        return min(given.trials or size, size)
    unlimited = given.epochs is not None or given.minutes is not None
    return given.trials or (None if unlimited else DEFAULT_TRIALS)


def _budget(settings: StudySettings, given: SearchOptions) -> Budget:
    """What was given to this command, and otherwise what the study was started with."""
    if given.trials is None and given.epochs is None and given.minutes is None:
        return settings.budget
    return Budget(given.trials if given.trials is not None else settings.trials, given.epochs)


def _manifest_sha256(data: Path) -> str:
    manifest = data / MANIFEST_FILE
    return sha256(manifest) if manifest.is_file() else ""


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
    values = ", ".join(f"{key} {value}" for key, value in best.values.items())
    logger.info(f"Best: trial {best.number}, {measured(best, settings)} after {best.done} epochs. {values}")
    ended = sorted((t for t in trials if t.state == "complete"), key=lambda t: t.best())[:3]
    logger.info(f"Train with it: python manage.py train --recipe {study.best_recipe} --data DATA")
    if len(ended) > 1:
        runs = " ".join(str(study.run(trial.number).path) for trial in ended)
        logger.info(f"Or average the best trials: manage.py export each of {runs}, then manage.py blend.")
