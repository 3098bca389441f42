"""A study on disk: what it searches, and the folder of its trials."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import tomli_w
from pydantic import Field, ValidationError
from sqlalchemy import URL

from dogbreed.strict_model import StrictModel
from trainer.files import new_folder
from trainer.recipes.recipe import Recipe, Searched
from trainer.training.run_folder import Run
from trainer.tuning.database import StudyError, database_url
from trainer.tuning.halving import Budget, Halving
from trainer.tuning.sampling import Sampler
from trainer.tuning.storage import Measure

SETTINGS_FILE = "settings.json"
RECIPE_FILE = "recipe.toml"
DATABASE_FILE = "study.db"


class StudySettings(StrictModel):
    """What a study searches. It is written once, and every worker reads it.

    Attributes:
        name: of the study in the database.
        recipe: where the search starts, as `recipe.toml` says.
        measure: what is compared: the lowest validation loss, or the highest validation accuracy.
        storage: address of the database without a password; empty for a file in the study's folder.
    """

    name: str
    recipe: Recipe = Field(exclude=True)
    space: dict[str, Searched]
    measure: Measure
    rungs: list[int]
    reduction: int
    sampler: Sampler
    seed: int
    weights: str
    teachers: list[Path]
    data_manifest_sha256: str
    trials: int | None
    epochs: int | None
    storage: str

    @property
    def halving(self) -> Halving:
        return Halving(tuple(self.rungs), self.reduction)

    @property
    def budget(self) -> Budget:
        return Budget(self.trials, self.epochs)

    @property
    def measure_name(self) -> str:
        return "validation loss" if self.measure == "val_loss" else "validation accuracy"

    def measured(self, objective: float) -> float:
        """The measure itself; an objective is lower where the measure is better."""
        return objective if self.measure == "val_loss" else -objective

    def text(self, objective: float) -> str:
        """The measure for people."""
        return f"{objective:.4f}" if self.measure == "val_loss" else f"{-objective:.2%}"

    def differences(self, other: Self) -> list[str]:
        """The names of the settings that decide the trials and are different."""
        mine, theirs = self._deciding(), other._deciding()
        return [name for name in mine if mine[name] != theirs[name]]

    def _deciding(self) -> dict[str, Any]:
        free = {"name", "trials", "epochs", "storage", "teachers"}
        return {**self.model_dump(mode="json", exclude=free), "recipe": self.recipe.model_dump(mode="json")}


@dataclass(frozen=True)
class Study:
    """A study's folder. Workers on several machines share it."""

    path: Path

    @property
    def exists(self) -> bool:
        return (self.path / SETTINGS_FILE).is_file()

    def run(self, trial: int) -> Run:
        """The training run of a trial."""
        return Run(self.path / "trials" / f"{trial:04d}")

    @property
    def best_recipe(self) -> Path:
        return self.path / "study.toml"

    @property
    def page(self) -> Path:
        return self.path / "study.html"

    @property
    def logs(self) -> Path:
        return self.path / "workers"

    @property
    def comparison(self) -> Path:
        """What came out when the best trial and the recipe were trained on new seeds."""
        return self.path / "comparison.json"

    @property
    def repeats(self) -> Path:
        return self.path / "repeats"

    def address(self, storage: str) -> URL:
        """Where the trials are kept."""
        return database_url(storage or f"sqlite:///{(self.path / DATABASE_FILE).resolve()}")


def create_study(study: Study, settings: StudySettings) -> None:
    """Writes the folder of a new study, completely or not at all.

    Raises:
        AlreadyExistsError: the folder exists.
    """
    with new_folder(study.path) as unfinished:
        for folder in ("trials", "workers"):
            (unfinished / folder).mkdir()
        write_recipe(unfinished / RECIPE_FILE, settings.recipe)
        (unfinished / SETTINGS_FILE).write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_settings(study: Study) -> StudySettings:
    """Reads what a study searches.

    Raises:
        StudyError: this is no study, or a file was damaged.
    """
    if not study.exists:
        raise StudyError(f"{study.path} is not the folder of a study: it has no {SETTINGS_FILE}.")
    try:
        recipe = tomllib.loads((study.path / RECIPE_FILE).read_text(encoding="utf-8"))
        recorded = (study.path / SETTINGS_FILE).read_text(encoding="utf-8")
        return StudySettings.model_validate({**json.loads(recorded), "recipe": recipe})
    except (OSError, ValueError, ValidationError) as error:
        raise StudyError(f"The settings in {study.path} cannot be read: {error}. Start another study.") from error


def write_recipe(path: Path, recipe: Recipe) -> None:
    path.write_text(tomli_w.dumps(recipe.model_dump(mode="json")), encoding="utf-8")
