"""One training run on disk: its folder, and what it was started with."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import cast

import tomli_w
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from dogbreed.errors import AlreadyExistsError, DogbreedError
from dogbreed.model.bundle import CONFIG_FILE, FORMAT_VERSION, BundleConfig, Provenance, sha256, write_json
from trainer.files import new_folder
from trainer.networks.network import BreedNetwork, build_network
from trainer.networks.served import ScoreTensors, read_score_tensors
from trainer.networks.weights import IMAGENET_MEAN, IMAGENET_STD, Pretrained, imagenet_head, load_pretrained
from trainer.photos.folders import find_photos
from trainer.photos.parts import MANIFEST_FILE, part_of
from trainer.recipes.recipe import Recipe
from trainer.training.randomness import seed_everything

BEST_CHECKPOINT = "best.ckpt"
LAST_CHECKPOINT = "last.ckpt"
START_FILE = "start.safetensors"
SCORE_TENSORS_FILE = "score_tensors.safetensors"
RECIPE_FILE = "recipe.toml"
RECORDED_LIBRARIES = ("torch", "torchvision", "timm", "lightning", "pillow", "numpy")


class TrainingError(DogbreedError):
    """Training cannot start or go on; the message says why and what to do."""


@dataclass(frozen=True)
class Run:
    """A run's folder: what it was started with, checkpoints, records by epoch, and at the end a bundle."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def bundle(self) -> Path:
        return self.path / "bundle"

    @property
    def evaluation(self) -> Path:
        return self.path / "evaluation"

    @property
    def best(self) -> Path:
        return self.checkpoints / BEST_CHECKPOINT

    @property
    def last(self) -> Path:
        return self.checkpoints / LAST_CHECKPOINT

    @property
    def score_tensors(self) -> Path:
        """What is served beside the network that is trained."""
        return self.path / SCORE_TENSORS_FILE

    @property
    def start(self) -> Path:
        return self.path / START_FILE


@dataclass(frozen=True)
class RunSettings:
    """What a user chooses for one run beside the recipe."""

    name: str
    version: str
    trained_on: str
    seed: int = 0


def start_run(run: Run, data: Path, recipe: Recipe, pretrained: Pretrained | None, settings: RunSettings) -> None:
    """Makes the run's folder: configuration, recipe, and the weights to start from. It is there whole or not at all.

    Raises:
        AlreadyExistsError: the folder exists.
        NetworkError: there is no such architecture, or none for such images.
        PhotosError: `data` is not organized.
        WeightsError: the weights do not fit the architecture.
    """
    if run.path.exists():
        raise AlreadyExistsError(f"{run.path} exists already. Name another folder for the run, or go on with --resume.")
    labels = sorted({photo.breed for photo in find_photos(part_of(data, "train"))})
    if len(labels) < 2:
        raise TrainingError(f"Expected photos of at least two breeds in {data}, got {len(labels)}.")
    config = _run_config(data, recipe, pretrained, settings, labels)
    seed_everything(settings.seed)
    network = network_of(config)
    if pretrained:
        from_imagenet = recipe.head.from_imagenet and recipe.head.is_plain
        rows = load_pretrained(network, pretrained, recipe.architecture, labels, from_imagenet)
        print(f"Weights: {pretrained.source}; {rows} of {len(labels)} rows of the head from ImageNet.", flush=True)
    with new_folder(run.path) as unfinished:
        Run(unfinished).checkpoints.mkdir()
        write_json(unfinished / CONFIG_FILE, config)
        (unfinished / RECIPE_FILE).write_text(tomli_w.dumps(recipe.model_dump(mode="json")), encoding="utf-8")
        save_file(network.state_dict(), Run(unfinished).start)
        head = imagenet_head(pretrained, recipe.architecture) if pretrained else None
        save_file(ScoreTensors(head).state(), Run(unfinished).score_tensors)


def _run_config(
    data: Path, recipe: Recipe, pretrained: Pretrained | None, settings: RunSettings, labels: list[str]
) -> BundleConfig:
    manifest = data / MANIFEST_FILE
    return BundleConfig(
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


def read_run_config(run: Run) -> BundleConfig:
    """The configuration of a run that was started before."""
    path = run.path / CONFIG_FILE
    if not path.is_file():
        raise TrainingError(f"Expected the folder of a training run at {run.path}, but it has no {CONFIG_FILE}.")
    return BundleConfig.model_validate_json(path.read_text(encoding="utf-8"))


def run_score_tensors(run: Run) -> ScoreTensors:
    """What is served beside the run's network; nothing for a run of an earlier version."""
    return read_score_tensors(load_file(run.score_tensors)) if run.score_tensors.is_file() else ScoreTensors()


def network_of(config: BundleConfig) -> BreedNetwork:
    """A network as a run's or a bundle's configuration describes it, with random weights."""
    recipe = Recipe.model_validate(config.provenance.recipe)
    return build_network(
        config.architecture, len(config.label_names), recipe.head, config.input_size[1], recipe.input.mirror
    )


def starting_network(run: Run, config: BundleConfig) -> BreedNetwork:
    """The network as the run began with it."""
    network = network_of(config)
    network.load_state_dict(load_file(run.start))
    return network


def best_network(run: Run) -> BreedNetwork:
    """The network of the run's best epoch, on the CPU, in evaluation mode.

    Raises:
        TrainingError: the run has not finished an epoch.
    """
    if not run.best.is_file():
        raise TrainingError(f"{run.path} has no finished epoch yet: {run.best} does not exist. Go on with --resume.")
    checkpoint = torch.load(run.best, map_location="cpu", weights_only=False)
    prefix = "network."
    state = cast(dict[str, Tensor], checkpoint["state_dict"])
    network = network_of(read_run_config(run))
    network.load_state_dict({name.removeprefix(prefix): t for name, t in state.items() if name.startswith(prefix)})
    return network.eval()
