"""What a run was started with: `recipe.toml`, and `run.json` with all else."""

import json
import tomllib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import tomli_w
from pydantic import Field, ValidationError

from dogbreed import __version__
from dogbreed.answers.calibration import Calibration
from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import CONFIG_FILE, FORMAT_VERSION, BundleConfig, Provenance, RetrainedFrom, TeacherOrigin
from dogbreed.model.file_digests import sha256
from dogbreed.photos.preprocessing import Channels, Preprocessing
from dogbreed.strict_model import StrictModel
from trainer.recipes.recipe import Recipe, preprocessing_of

RUN_FILE = "run.json"
RECIPE_FILE = "recipe.toml"
RECORDED_LIBRARIES = ("torch", "torchvision", "timm", "lightning", "pillow", "numpy")


class TrainingError(DogbreedError):
    """Training cannot start or continue; the message says why and what to do."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of one run that are not part of the recipe.

    Attributes:
        trained_on: a sentence about the photos.
        recipe: the name of the recipe; empty in runs of earlier versions, and where it has none.
    """

    name: str
    version: str
    trained_on: str
    seed: int = 0
    recipe: str = ""


class RunConfig(StrictModel):
    """Everything that decides how a run goes. It is written when the run starts, read once, and passed on.

    Attributes:
        recipe: as `recipe.toml` says, which is the only place that it is kept in.
        label_names: the breeds, sorted; the index is the class.
        mean, std: the normalization that the starting weights were trained with.
        backbone_weights: where the starting weights come from, or "none".
        teachers: the bundles whose answers are trained on, by their folders.
        versions: of this product and of the libraries that matter.
        retrained_from: the bundle that is trained further, if the run does that.
    """

    recipe: Recipe = Field(exclude=True)
    recipe_sha256: str = Field(description="Of `recipe.toml` when the run started.")
    settings: RunSettings
    label_names: list[str]
    mean: Channels
    std: Channels
    data_manifest_sha256: str
    backbone_weights: str
    teachers: dict[Path, TeacherOrigin] = {}
    versions: dict[str, str]
    retrained_from: RetrainedFrom | None = None

    @property
    def seed(self) -> int:
        return self.settings.seed

    @property
    def preprocessing(self) -> Preprocessing:
        """How photos are framed and normalized when the network validates and serves."""
        return preprocessing_of(self.recipe.input, self.mean, self.std)


def write_run_config(folder: Path, config: RunConfig) -> None:
    """Writes `recipe.toml` and `run.json`."""
    recipe = folder / RECIPE_FILE
    recipe.write_text(tomli_w.dumps(config.recipe.model_dump(mode="json")), encoding="utf-8")
    recorded = config.model_copy(update={"recipe_sha256": sha256(recipe)})
    (folder / RUN_FILE).write_text(recorded.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_run_config(folder: Path) -> RunConfig:
    """Reads what a run was started with.

    Raises:
        TrainingError: this is no run's folder, the run is of an earlier version, or a file was changed by hand.
    """
    path, recipe = folder / RUN_FILE, folder / RECIPE_FILE
    if not path.is_file() and (folder / CONFIG_FILE).is_file():
        raise TrainingError(
            f"{folder} was started by an earlier version of this program, which this version cannot resume. Finish it "
            f"with that version, or start it again with --recipe {recipe}."
        )
    if not (path.is_file() and recipe.is_file()):
        raise TrainingError(f"{folder} is not the folder of a training run: it lacks {RUN_FILE} or {RECIPE_FILE}.")
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
        if recorded["recipe_sha256"] != sha256(recipe):
            raise TrainingError(
                f"{recipe} was changed after the run had started. A run keeps its recipe to the end. Restore the file, "
                f"or start another run with --recipe {recipe}."
            )
        return RunConfig(recipe=tomllib.loads(recipe.read_text(encoding="utf-8")), **recorded)
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise TrainingError(f"{path} or {recipe} is not valid: {error}. Start the run again.") from error


def bundle_config(config: RunConfig, calibration: Calibration) -> BundleConfig:
    """The configuration of a bundle with a run's network. The bundle records the recipe and the origin of the run."""
    settings = config.settings
    return BundleConfig(
        **config.preprocessing.model_dump(),
        format_version=FORMAT_VERSION,
        name=settings.name,
        version=settings.version,
        architecture=config.recipe.architecture,
        label_names=config.label_names,
        calibration=calibration,
        provenance=Provenance(
            recipe=config.recipe.model_dump(mode="json"),
            data_manifest_sha256=config.data_manifest_sha256,
            seed=settings.seed,
            backbone_weights=config.backbone_weights,
            versions=config.versions,
            trained_on=settings.trained_on,
            teachers=list(config.teachers.values()),
            retrained_from=config.retrained_from,
        ),
    )


def recorded_versions() -> dict[str, str]:
    """Of this product and of the libraries that decide how training goes."""
    return {"dogbreed": __version__, **{library: version(library) for library in RECORDED_LIBRARIES}}
