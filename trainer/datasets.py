"""Photos as batches of tensors."""

from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from dogbreed.bundle import BundleConfig
from dogbreed.preprocessing import open_photo, to_input
from trainer.photos import LabelledPhoto, carve_validation, find_photos, part_of
from trainer.recipe import Recipe
from trainer.transforms import training_transform

Transform = Callable[[Image.Image], Tensor]
Batch = tuple[Tensor, Tensor]
MAX_PIXELS = 200_000_000  # a practitioner's own photos may be large; a visitor's limit is the API's business


def read_photo(path: Path) -> Image.Image:
    """Opens a photo exactly as the API does."""
    return open_photo(path.read_bytes(), MAX_PIXELS)


class BreedPhotos(Dataset[tuple[Tensor, int]]):
    """Labelled photos, each as (float32 `[3, h, w]`, class index)."""

    def __init__(self, photos: list[LabelledPhoto], label_names: list[str], transform: Transform) -> None:
        self.photos = photos
        self.index_of = {name: index for index, name in enumerate(label_names)}
        self.transform = transform

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, position: int) -> tuple[Tensor, int]:
        photo = self.photos[position]
        return self.transform(read_photo(photo.path)), self.index_of[photo.breed]


class ServingTransform:
    """Frames a photo exactly as the served model does, so that what is measured is what is served."""

    def __init__(self, config: BundleConfig) -> None:
        self.config = config

    def __call__(self, photo: Image.Image) -> Tensor:
        return torch.from_numpy(to_input(photo, self.config))


def training_parts(config: BundleConfig, data: Path) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """The photos that a model learns from and those that validate it: the same whenever a run or a bundle asks.

    Raises:
        PhotosError: `data` is not organized, or too small.
    """
    recipe = Recipe.model_validate(config.provenance.recipe)
    photos = find_photos(part_of(data, "train"))
    return carve_validation(photos, recipe.training.validation_fraction, config.provenance.seed)


def training_loader(
    photos: list[LabelledPhoto], config: BundleConfig, recipe: Recipe, workers: int, pin_memory: bool
) -> DataLoader[Batch]:
    """Shuffled, augmented batches. The last, smaller batch is dropped: its statistics would disturb normalization."""
    transform = training_transform(recipe.augmentation, recipe.input.train_size, config.mean, config.std)
    batch_size = min(recipe.training.batch_size, len(photos))
    return DataLoader(
        BreedPhotos(photos, config.label_names, transform),  # type: ignore[arg-type]
        batch_size=batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pin_memory,
    )


def serving_loader(
    photos: list[LabelledPhoto], config: BundleConfig, batch_size: int, workers: int, pin_memory: bool = False
) -> DataLoader[Batch]:
    """Batches in order, framed as the served model frames them."""
    return DataLoader(
        BreedPhotos(photos, config.label_names, ServingTransform(config)),  # type: ignore[arg-type]
        batch_size=batch_size,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pin_memory,
    )
