"""What a person asks of a search, and the settings of the study that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from trainer.photos.manifest import manifest_digest
from trainer.recipes.recipe import Recipe, Searched, without_pretrained_weights
from trainer.recipes.recipe_files import DEFAULT_RECIPE, read_recipe
from trainer.recipes.search_space import default_search, parse_search, search_space
from trainer.tuning.database import StudyError, database_url, without_password
from trainer.tuning.halving import Budget, rungs_of
from trainer.tuning.sampling import grid_size
from trainer.tuning.study import StudySettings

DEFAULT_TRIALS, DEFAULT_REDUCTION = 24, 3


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
    started: float

    @classmethod
    def of(cls, options: Mapping[str, Any], started: float) -> Self:
        names = set(cls.__dataclass_fields__) - {"started", "teachers"}
        return cls(**{name: options[name] for name in names}, teachers=options["teacher"], started=started)

    @property
    def recipe_name(self) -> str:
        return self.recipe or DEFAULT_RECIPE

    def folder(self, kind: str) -> Path:
        """The folder that was named, or one for the recipe and the time."""
        now = datetime.now().astimezone()
        return self.study or Path("runs") / f"{kind}-{Path(self.recipe_name).stem}-{now:%Y%m%d-%H%M%S}"

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


def settings_of(given: SearchOptions, name: str) -> StudySettings:
    """The settings of a new study.

    Raises:
        RecipeError: the recipe or the search is not valid.
        StudyError: the budget or the address of the database is not possible.
    """
    recipe = read_recipe(given.recipe_name, given.changes)
    weights = given.weights or "imagenet"
    start = without_pretrained_weights(recipe) if weights == "none" else recipe
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
        data_manifest_sha256=manifest_digest(given.data),
        trials=_trials(given, space),
        epochs=given.epochs,
        storage=str(without_password(database_url(given.storage))) if given.storage else "",
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


def budget_of(settings: StudySettings, given: SearchOptions) -> Budget:
    """What was given to this command, and otherwise what the study was started with."""
    if given.trials is None and given.epochs is None and given.minutes is None:
        return settings.budget
    trials = given.trials if given.trials is not None else settings.trials
    if settings.sampler == "grid":
        trials = min(trials or grid_size(settings.space), grid_size(settings.space))  # there are no more combinations
    return Budget(trials, given.epochs)
