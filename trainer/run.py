"""One training run on disk: its folder, and what it was started with."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from dogbreed.bundle import CONFIG_FILE, FORMAT_VERSION, BundleConfig, Provenance, sha256, write_json
from trainer.architectures import IMAGENET_MEAN, IMAGENET_STD, Pretrained
from trainer.photos import MANIFEST_FILE, find_photos, part_of
from trainer.recipe import Recipe

BEST_CHECKPOINT = "best.ckpt"
LAST_CHECKPOINT = "last.ckpt"
RECORDED_LIBRARIES = ("torch", "torchvision", "lightning", "pillow", "numpy")


class TrainingError(Exception):
    """Training cannot start or go on; the message says why and what to do."""


@dataclass(frozen=True)
class Run:
    """A run's folder: `config.json` (the bundle's, without measurements), checkpoints, and records by epoch."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def bundle(self) -> Path:
        return self.path / "bundle"

    @property
    def best(self) -> Path:
        return self.checkpoints / BEST_CHECKPOINT

    @property
    def last(self) -> Path:
        return self.checkpoints / LAST_CHECKPOINT


@dataclass(frozen=True)
class RunSettings:
    """What a user chooses for one run beside the recipe."""

    name: str
    version: str
    trained_on: str
    seed: int = 0


def start_run(run: Run, data: Path, recipe: Recipe, pretrained: Pretrained | None, settings: RunSettings) -> None:
    """Makes the run's folder with the configuration that everything later reads.

    Raises:
        FileExistsError: the folder exists.
        PhotosError: `data` is not organized.
    """
    if run.path.exists():
        raise FileExistsError(f"{run.path} exists already. Name another folder for the run, or go on with --resume.")
    labels = sorted({photo.breed for photo in find_photos(part_of(data, "train"))})
    if len(labels) < 2:
        raise TrainingError(f"Expected photos of at least two breeds in {data}, got {len(labels)}.")
    manifest = data / MANIFEST_FILE
    config = BundleConfig(
        format_version=FORMAT_VERSION,
        name=settings.name,
        version=settings.version,
        architecture=recipe.architecture,
        input_size=(3, recipe.input.size, recipe.input.size),
        interpolation=recipe.input.interpolation,
        crop_pct=recipe.input.crop_pct,
        crop_mode=recipe.input.crop_mode,
        mean=pretrained.mean if pretrained else IMAGENET_MEAN,
        std=pretrained.std if pretrained else IMAGENET_STD,
        label_names=labels,
        provenance=Provenance(
            recipe=recipe.model_dump(mode="json"),
            data_manifest_sha256=sha256(manifest) if manifest.is_file() else "",
            seed=settings.seed,
            backbone_weights=pretrained.source if pretrained else "none",
            versions={library: version(library) for library in RECORDED_LIBRARIES},
            trained_on=settings.trained_on,
        ),
    )
    run.checkpoints.mkdir(parents=True)
    write_json(run.path / CONFIG_FILE, config)


def read_run_config(run: Run) -> BundleConfig:
    """The configuration of a run that was started before."""
    path = run.path / CONFIG_FILE
    if not path.is_file():
        raise TrainingError(f"Expected the folder of a training run at {run.path}, but it has no {CONFIG_FILE}.")
    return BundleConfig.model_validate_json(path.read_text(encoding="utf-8"))
