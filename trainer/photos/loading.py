"""Labelled photos as batches of tensors, framed and normalized as the API does it."""

from collections.abc import Callable

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from dogbreed.model.bundle import BundleConfig
from dogbreed.photos.preprocessing import to_input
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import read_photo

Batch = tuple[Tensor, Tensor]


View = Callable[[Image.Image, LabelledPhoto], Image.Image]


class ServedPhotos(Dataset[Batch]):
    """Labelled photos, framed and normalized as the API does it: (float32 `[3, h, w]`, class index)."""

    def __init__(self, photos: list[LabelledPhoto], config: BundleConfig, view: View | None = None) -> None:
        self.photos = photos
        self.config = config
        self.view = view
        self.targets = class_indices(photos, config.label_names)

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, position: int) -> Batch:
        labelled = self.photos[position]
        photo = read_photo(labelled.path, self.config)
        if self.view:
            photo = self.view(photo, labelled)
        return torch.from_numpy(to_input(photo, self.config)), self.targets[position]


def class_indices(photos: list[LabelledPhoto], label_names: list[str]) -> Tensor:
    """int64 `[photos]`; -1 for what is none of the breeds."""
    index_of = {name: index for index, name in enumerate(label_names)}
    return torch.tensor([index_of.get(photo.breed, -1) for photo in photos])


def serving_loader(
    photos: list[LabelledPhoto], config: BundleConfig, batch_size: int, workers: int, view: View | None = None
) -> DataLoader[Batch]:
    """Batches in order, straight from the photos' files; `view` changes photos before they are framed."""
    return DataLoader(ServedPhotos(photos, config, view), batch_size=batch_size, num_workers=workers)
