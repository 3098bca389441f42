"""The training data of each epoch: photos from the decode cache, or what frozen layers computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import class_indices
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe
from trainer.training.batches import Labelled
from trainer.training.losses import weighted_targets
from trainer.training.photo_cache import cached_pixels
from trainer.training.run_config import RunConfig


@dataclass(frozen=True)
class TrainingData:
    """The photos to train and to validate on, with what was computed from them once where the recipe uses that.

    Attributes:
        labels: the class of each training photo: int64 `[n]`.
        feature_views: features of a frozen backbone, for each fixed view.
        activation_views: outputs of the part of the backbone that is never trained, for each fixed view.
        taught: whether the targets hold the answers of teachers.
    """

    recipe: Recipe
    labels: Tensor
    photos: Labelled
    validation: Labelled
    feature_views: Sequence[Labelled] = ()
    validation_features: Labelled | None = None
    activation_views: Sequence[Labelled] = ()
    validation_activations: Labelled | None = None
    taught: bool = False

    def trains_on_features(self, epoch: int) -> bool:
        return self.recipe.trains_on_features(epoch, self.taught)

    def of_epoch(self, epoch: int) -> Labelled:
        """What the epoch, counted from 0, trains on."""
        views = self.feature_views if self.trains_on_features(epoch) else self.activation_views
        return views[epoch % len(views)] if views else self.photos

    def validation_of_epoch(self, epoch: int) -> Labelled:
        computed = self.validation_features if self.trains_on_features(epoch) else self.validation_activations
        return computed or self.validation


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
    labels, weights = class_indices(train, config.label_names), torch.tensor([photo.weight for photo in train])
    return TrainingData(
        recipe,
        labels,
        Labelled(pixels, weighted_targets(labels, weights, len(config.label_names))),
        Labelled(validation_pixels, class_indices(validation, config.label_names)),
    )
