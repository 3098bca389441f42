"""Photos and features as batches of tensors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from trainer.distributed import ALONE, World
from trainer.machine import has_gpu
from trainer.photos.loading import Batch
from trainer.training.seeds import seed_for


@dataclass(frozen=True)
class Labelled:
    """Rows in memory or mapped from a file, and their targets.

    Attributes:
        rows: photos `[n, 3, h, w]` as bytes, activations `[n, c, h, w]` as floats, or features `[n, d]`.
        targets: class indices `[n]`, or shares `[n, classes]` that add up to the weight of each photo.
    """

    rows: NDArray[Any]
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


class _Batches(Dataset[Batch]):
    """One batch per item, gathered with one indexing operation."""

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
    """How batches are loaded, and which share of each belongs to this process."""

    world: World = ALONE
    workers: int = 0
    pin_memory: bool = False

    def batches(self, data: Labelled, indices: list[NDArray[np.int64]]) -> Iterator[Batch]:
        mine = [batch[self.world.rank :: self.world.size] for batch in indices]
        loader = DataLoader(_Batches(data, mine), batch_size=None, num_workers=self.workers, pin_memory=self.pin_memory)
        yield from loader


class TrainingBatches:
    """Shuffled batches, epoch after epoch. The seed and the position decide the next batch; the position is the state.

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
    """Batches in order. Each process has a different share of the photos."""

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


def class_weights(indices: Tensor, classes: int) -> Tensor:
    """float32 `[classes]`: inversely proportional to the number of photos; the mean over all photos is 1.

    Args:
        indices: the class `[n]` of each photo.
    """
    counts = torch.bincount(indices, minlength=classes).clamp(min=1)
    return len(indices) / (classes * counts.float())


def loading_for(world: World) -> Loading:
    """Loader processes for a GPU only: it trains so fast that gathering batches, though in memory, would delay it."""
    return Loading(world, workers=2, pin_memory=True) if has_gpu() else Loading(world)
