"""What a run starts from, and its best network."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor

from dogbreed.model.bundle import RetrainedFrom, TeacherOrigin
from trainer.files import new_folder
from trainer.networks.network import BreedNetwork, network_of
from trainer.networks.score_tensors import ScoreTensors, read_score_tensors
from trainer.networks.weights import IMAGENET_MEAN, IMAGENET_STD, Pretrained, imagenet_head, load_pretrained
from trainer.networks.weights_file import write_weights
from trainer.photos.manifest import manifest_digest
from trainer.photos.parts import photos_of_part
from trainer.recipes.recipe import Recipe
from trainer.training.randomness import seed_everything
from trainer.training.run_config import (
    RunConfig,
    RunSettings,
    TrainingError,
    recorded_versions,
    write_run_config,
)
from trainer.training.run_folder import Run, check_not_started
from trainer.training.teachers import teacher_origins

logger = logging.getLogger(__name__)


def start_run(
    run: Run,
    data: Path,
    recipe: Recipe,
    pretrained: Pretrained | None,
    settings: RunSettings,
    teachers: Sequence[Path] = (),
    retrained_from: RetrainedFrom | None = None,
) -> None:
    """Creates the run's folder, completely or not at all: its configuration and the weights to start from.

    Args:
        teachers: bundles whose answers are trained on beside the labels.
        retrained_from: what is recorded of the bundle that is trained further.

    Raises:
        AlreadyExistsError: the folder exists.
        NetworkError: there is no such architecture, or none for such images.
        BundleError: a teacher is no bundle.
        PhotosError: `data` is not organized.
        TeacherError: a teacher has other label names than the photos, or the recipe does not use its answers.
        TrainingError: `data` has fewer than two breeds.
        WeightsError: the weights do not fit the architecture.
    """
    check_not_started(run)
    labels = sorted({photo.breed for photo in photos_of_part(data, "train")})
    if len(labels) < 2:
        raise TrainingError(f"Training needs photos of at least two breeds; {data} has {len(labels)}.")
    recipe = recipe.model_copy(update={"search": {}})  # what else was tried is the study's to tell
    origins = teacher_origins(teachers, labels, recipe.training)
    seed_everything(settings.seed)
    network = network_of(recipe, len(labels))
    if pretrained:
        from_imagenet = recipe.head.from_imagenet and recipe.head.is_plain
        rows = load_pretrained(network, pretrained, recipe.architecture, labels, from_imagenet)
        heads = f"{rows} of {len(labels)} rows of the head from ImageNet"
        logger.info(f"Weights: {retrained_from.name if retrained_from else f'{pretrained.source}; {heads}'}.")
    with new_folder(run.path) as unfinished:
        Run(unfinished).checkpoints.mkdir()
        config = _run_config(data, recipe, pretrained, settings, labels, origins)
        write_run_config(unfinished, config.model_copy(update={"retrained_from": retrained_from}))
        write_weights(Run(unfinished).start, network.state_dict())
        head = imagenet_head(pretrained, recipe.architecture) if pretrained else None
        write_weights(Run(unfinished).score_tensors, ScoreTensors(head).state())


def _run_config(
    data: Path,
    recipe: Recipe,
    pretrained: Pretrained | None,
    settings: RunSettings,
    labels: list[str],
    teachers: dict[Path, TeacherOrigin],
) -> RunConfig:
    return RunConfig(
        recipe=recipe,
        recipe_sha256="",
        settings=settings,
        label_names=labels,
        mean=pretrained.mean if pretrained else IMAGENET_MEAN,
        std=pretrained.std if pretrained else IMAGENET_STD,
        data_manifest_sha256=manifest_digest(data),
        backbone_weights=pretrained.source if pretrained else "none",
        teachers=teachers,
        versions=recorded_versions(),
    )


def run_score_tensors(run: Run) -> ScoreTensors:
    """The tensors that the run's served scores are computed from."""
    return read_score_tensors(load_file(run.score_tensors))


def starting_network(run: Run, config: RunConfig) -> BreedNetwork:
    """The network with the weights that the run starts from."""
    network = network_of(config.recipe, len(config.label_names))
    network.load_state_dict(load_file(run.start))
    return network


def best_network(run: Run, config: RunConfig) -> BreedNetwork:
    """The network of the run's best epoch, on the CPU, in evaluation mode.

    Raises:
        TrainingError: the run has not finished an epoch.
    """
    if not run.best.is_file():
        raise TrainingError(
            f"{run.path} has no finished epoch yet: {run.best} does not exist. Continue it with --resume."
        )
    checkpoint = torch.load(run.best, map_location="cpu", weights_only=False)
    prefix = "network."
    state = cast(dict[str, Tensor], checkpoint["state_dict"])
    network = network_of(config.recipe, len(config.label_names))
    network.load_state_dict({name.removeprefix(prefix): t for name, t in state.items() if name.startswith(prefix)})
    return network.eval()
