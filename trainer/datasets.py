"""Photos and features as batches of tensors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from dogbreed.bundle import BundleConfig
from dogbreed.preprocessing import to_input
from trainer.distributed import ALONE, World
from trainer.photos import LabelledPhoto, read_photo
from trainer.randomness import seed_for

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


@dataclass(frozen=True)
class Labelled:
    """Rows in memory or mapped from a file, and their classes: photos `[n, 3, h, w]` as bytes, or features `[n, d]`."""

    rows: NDArray[Any]
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


class _Batches(Dataset[Batch]):
    """One batch an item, gathered at once."""

    def __init__(self, data: Labelled, indices: list[NDArray[np.int64]]) -> None:
        self.data = data
        self.indices = indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> Batch:
        chosen = self.indices[position]
        return torch.from_numpy(self.data.rows[chosen]), self.data.targets[chosen]


@dataclass(frozen=True)
class Loading:
    """How batches come to the device, and which share of each belongs to this process."""

    world: World = ALONE
    workers: int = 0
    pin_memory: bool = False

    def batches(self, data: Labelled, indices: list[NDArray[np.int64]]) -> Iterator[Batch]:
        mine = [batch[self.world.rank :: self.world.size] for batch in indices]
        loader = DataLoader(_Batches(data, mine), batch_size=None, num_workers=self.workers, pin_memory=self.pin_memory)
        yield from loader


class TrainingBatches:
    """Shuffled batches, epoch after epoch. What comes next is decided by the seed and the place, which is its state.

    The last, smaller batch of an epoch is left out: its statistics would disturb batch normalization.
    """

    def __init__(self, data_of: Callable[[int], Labelled], size: int, batch_size: int, seed: int, how: Loading) -> None:
        self.data_of = data_of
        self.size = size
        self.batch_size = min(batch_size, size)
        self.seed = seed
        self.how = how
        self.epoch = 0
        self.done = 0  # batches of this epoch

    def __len__(self) -> int:
        return self.size // self.batch_size

    def __iter__(self) -> Iterator[Batch]:
        if self.done >= len(self):
            self.epoch, self.done = self.epoch + 1, 0
        order = np.random.default_rng(seed_for(self.seed, self.epoch)).permutation(self.size)
        batches = order[: len(self) * self.batch_size].reshape(len(self), self.batch_size)
        for batch in self.how.batches(self.data_of(self.epoch), list(batches[self.done :])):
            self.done += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        return {"epoch": self.epoch, "done": self.done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.epoch, self.done = state["epoch"], state["done"]


class ValidationBatches:
    """Batches in order. Each process has its own photos, and none is seen twice."""

    def __init__(self, data_of: Callable[[], Labelled], size: int, batch_size: int, how: Loading) -> None:
        self.data_of = data_of
        self.size = size
        self.batch_size = batch_size
        self.how = how

    def __len__(self) -> int:
        return -(-self.size // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        starts = range(0, self.size, self.batch_size)
        batches = [np.arange(start, min(start + self.batch_size, self.size)) for start in starts]
        yield from self.how.batches(self.data_of(), batches)


def class_weights(data: Labelled, classes: int) -> Tensor:
    """float32 `[classes]`: the rarer a class, the more its photos weigh; over all photos the mean is 1."""
    counts = torch.bincount(data.targets, minlength=classes).clamp(min=1)
    return len(data) / (classes * counts.float())
