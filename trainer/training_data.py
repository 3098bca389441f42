"""What a run learns from, epoch by epoch: photos from the decode cache, or features of a frozen backbone."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from dogbreed.bundle import BundleConfig
from trainer import machine
from trainer.augmentation import BatchAugmentation, Normalization
from trainer.console import progress_bar
from trainer.datasets import Labelled, class_indices
from trainer.distributed import ALONE
from trainer.feature_cache import Features, FrozenBackbone
from trainer.networks import BreedNetwork
from trainer.photo_cache import Pixels, cached_pixels
from trainer.photos import LabelledPhoto
from trainer.recipe import Recipe


@dataclass(frozen=True)
class TrainingData:
    """The photos that a model learns from and those that validate it, each with what a frozen backbone made of them."""

    recipe: Recipe
    photos: Labelled
    validation: Labelled
    feature_views: list[Labelled]
    validation_features: Labelled | None

    def of_epoch(self, epoch: int) -> Labelled:
        """What the epoch, counted from 0, learns from."""
        if self.feature_views and self.recipe.learns_from_features(epoch):
            return self.feature_views[epoch % len(self.feature_views)]
        return self.photos

    def validation_of_epoch(self, epoch: int) -> Labelled:
        if self.validation_features and self.recipe.learns_from_features(epoch):
            return self.validation_features
        return self.validation


def read_training_data(
    config: BundleConfig, train: list[LabelledPhoto], validation: list[LabelledPhoto], cache: Path
) -> TrainingData:
    """Decodes the photos into `cache`, or finds them there: larger ones to learn from, served ones to validate with.

    Raises:
        PhotoError: a file is no photo.
    """
    recipe = Recipe.model_validate(config.provenance.recipe)
    stored = recipe.input.stored_size
    larger = config.model_copy(update={"input_size": (3, stored, stored), "crop_pct": 1.0})
    with progress_bar("Decoding photos") as progress:
        pixels = cached_pixels(train, larger, cache, progress)
    with progress_bar("Decoding validation photos") as progress:
        validation_pixels = cached_pixels(validation, config, cache, progress)
    return TrainingData(
        recipe,
        Labelled(pixels, class_indices(train, config.label_names)),
        Labelled(validation_pixels, class_indices(validation, config.label_names)),
        [],
        None,
    )


def with_features(data: TrainingData, network: BreedNetwork, config: BundleConfig, cache: Path) -> TrainingData:
    """Adds what a frozen backbone makes of the photos, in as many views as the recipe asks for."""
    recipe, normalize = data.recipe, Normalization(config.mean, config.std)
    epochs = [epoch for epoch in range(recipe.training.epochs) if recipe.learns_from_features(epoch)]
    if not epochs:
        return data
    device, precision = machine.device(), machine.precision(recipe.training.precision)
    backbone = network.backbone.to(device).to(memory_format=torch.channels_last)
    frozen = FrozenBackbone(backbone, device, precision == "bf16-mixed", cache)
    views = [
        Labelled(_view(data.photos, frozen, config, recipe, view), data.photos.targets)
        for view in range(min(recipe.training.feature_views, len(epochs)))
    ]
    key = ("validation", config.input_size, config.mean, config.std, _photos_key(data.validation))
    with progress_bar("Features of the validation photos") as progress:
        features = frozen.features(_pixels(data.validation), normalize, key, progress)
    return TrainingData(recipe, data.photos, data.validation, views, Labelled(features, data.validation.targets))


def _view(photos: Labelled, frozen: FrozenBackbone, config: BundleConfig, recipe: Recipe, view: int) -> Features:
    augment = BatchAugmentation(recipe.augmentation, recipe.input.train_size, ALONE)
    normalize = Normalization(config.mean, config.std)
    settings = (recipe.augmentation.model_dump(), recipe.input.train_size, config.mean, config.std)
    key = ("view", view, config.provenance.seed, settings, _photos_key(photos))
    with progress_bar(f"Features, view {view + 1}") as progress:
        return frozen.features(_pixels(photos), partial(_augmented, augment, normalize), key, progress)


def _augmented(augment: BatchAugmentation, normalize: Normalization, photos: Tensor) -> Tensor:
    return normalize(augment(photos))


def _pixels(photos: Labelled) -> Pixels:
    return photos.rows


def _photos_key(photos: Labelled) -> str:
    """The decode cache's file name says which photos these are, and how they are framed."""
    return Path(str(getattr(photos.rows, "filename", ""))).stem
