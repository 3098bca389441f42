"""The training data of each epoch: photos from the decode cache, or features of a frozen backbone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from trainer import machine
from trainer.distributed import ALONE
from trainer.networks.network import BreedNetwork
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import class_indices
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe
from trainer.training.augmentation import BatchAugmentation, Normalization
from trainer.training.batches import Labelled
from trainer.training.feature_cache import FrozenBackbone
from trainer.training.losses import weighted_targets
from trainer.training.photo_cache import cached_pixels
from trainer.training.run_config import RunConfig


@dataclass(frozen=True)
class TrainingData:
    """The photos to train and to validate on, with the features of a frozen backbone where the recipe uses them."""

    recipe: Recipe
    photos: Labelled
    validation: Labelled
    feature_views: Sequence[Labelled] = ()
    validation_features: Labelled | None = None

    def of_epoch(self, epoch: int) -> Labelled:
        """What the epoch, counted from 0, trains on."""
        if self.feature_views and self.recipe.trains_on_features(epoch):
            return self.feature_views[epoch % len(self.feature_views)]
        return self.photos

    def validation_of_epoch(self, epoch: int) -> Labelled:
        if self.validation_features and self.recipe.trains_on_features(epoch):
            return self.validation_features
        return self.validation


def read_training_data(
    config: RunConfig,
    train: list[LabelledPhoto],
    validation: list[LabelledPhoto],
    cache: Path,
    progress: ProgressBar = silent,
) -> TrainingData:
    """Decodes the photos into `cache`, or finds them there.

    Training photos are stored larger than the network's input, for random crops; validation photos as they are served.

    Raises:
        PhotoError: a file is no photo.
    """
    recipe, served = config.recipe, config.preprocessing
    stored = recipe.input.stored_size
    larger = served.model_copy(update={"input_size": (3, stored, stored), "crop_pct": 1.0})
    with progress("Decoding photos") as decoding:
        pixels = cached_pixels(train, larger, cache, decoding)
    with progress("Decoding validation photos") as decoding:
        validation_pixels = cached_pixels(validation, served, cache, decoding)
    return TrainingData(
        recipe,
        Labelled(pixels, _weighted_targets(train, config.label_names)),
        Labelled(validation_pixels, class_indices(validation, config.label_names)),
    )


def _weighted_targets(photos: list[LabelledPhoto], label_names: list[str]) -> Tensor:
    weights = torch.tensor([photo.weight for photo in photos])
    return weighted_targets(class_indices(photos, label_names), weights, len(label_names))


def with_features(
    data: TrainingData, network: BreedNetwork, config: RunConfig, cache: Path, progress: ProgressBar = silent
) -> TrainingData:
    """Adds the features of a frozen backbone, for as many views of each photo as the recipe asks for."""
    recipe = data.recipe
    epochs = [epoch for epoch in range(recipe.training.epochs) if recipe.trains_on_features(epoch)]
    if not epochs:
        return data
    device, precision = machine.device(), machine.precision(recipe.training.precision)
    backbone = network.backbone.to(device).to(memory_format=torch.channels_last)
    frozen = FrozenBackbone(backbone, device, precision == "bf16-mixed", cache)
    augment = BatchAugmentation(recipe.augmentation, recipe.input.train_size, ALONE)
    normalize = Normalization(config.mean, config.std)

    def features(title: str, photos: Labelled, see: Callable[[Tensor], Tensor], *key: object) -> Labelled:
        with progress(title) as computing:
            rows = frozen.features(photos.rows, see, (*key, config.mean, config.std), computing)
        return Labelled(rows, photos.targets)

    settings = (config.seed, recipe.augmentation.cache_key, recipe.input.train_size)
    views = [
        features(f"Features, view {view + 1}", data.photos, lambda photos: normalize(augment(photos)), view, settings)
        for view in range(min(recipe.training.feature_views, len(epochs)))
    ]

    def as_served(photos: Tensor) -> Tensor:
        images = normalize(photos)
        return torch.stack([images, images.flip(3)], dim=1) if network.mirror else images

    validation = features("Features of the validation photos", data.validation, as_served, "served", network.mirror)
    return replace(data, feature_views=views, validation_features=validation)
