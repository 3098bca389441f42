"""What frozen layers compute from photos, computed once, so that training the layers after them takes little time."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trainer.progress import Progress
from trainer.training.array_cache import cached_array
from trainer.training.randomness import seed_everything

BATCH_SIZE = 64  # photos that share random numbers: a view of a photo depends on its place in such a batch

Rows = NDArray[Any]


@dataclass(frozen=True)
class FrozenLayers:
    """Layers that are not trained, on the device that computes, and the folder that caches their outputs.

    Attributes:
        autocast: whether they compute in bfloat16.
        kind: what the outputs are: the beginning of the file names.
        dtype: in which the outputs are stored.
        at_once: images that the layers take at once; None for those of a whole batch.
    """

    layers: nn.Module
    device: torch.device
    autocast: bool
    folder: Path
    kind: str = "features"
    dtype: type[np.floating] = np.float32
    at_once: int | None = None

    def outputs(
        self, rows: Rows, see: Callable[[Tensor], Tensor], key: tuple[object, ...], seed: int, progress: Progress
    ) -> Rows:
        """What the layers compute from rows `[n, ...]`: `[n, ...]`, or `[n, k, ...]` for k views of each.

        Args:
            rows: photos as bytes `[n, 3, h, w]`, or the outputs `[n, c, h, w]` of the layers before these.
            see: turns a batch of rows into the layers' input `[n, c, h, w]`, or `[n, k, c, h, w]` for k views of each;
                if it is random, it uses PyTorch's generator.
            key: everything that decides what `see` does.
            seed: of the random numbers.
        """
        key = (*key, content_key(rows))
        identity = (key, fingerprint(self.layers), self.autocast)
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:32]

        def compute(batch: Tensor) -> Rows:
            return self._compute(batch, see)

        shape = compute(_copied(rows[:1])).shape[1:]
        return cached_array(
            self.folder,
            f"{self.kind}-{digest}",
            (len(rows), *shape),
            self.dtype,
            lambda done: seeded_batches(rows, compute, seed, done, progress),
        )

    @torch.inference_mode()
    def _compute(self, batch: Tensor, see: Callable[[Tensor], Tensor]) -> Rows:
        images = see(batch.to(self.device))
        inputs = images.flatten(0, -4)
        parts = torch.split(inputs, self.at_once or len(inputs))
        self.layers.eval()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            outputs = torch.cat([self.layers(part).float() for part in parts])
        rows: Rows = outputs.cpu().numpy()
        return rows.reshape(*images.shape[:-3], *rows.shape[1:])


def seeded_batches(
    rows: Rows, compute: Callable[[Tensor], Rows], seed: int, done: int, progress: Progress
) -> Iterator[tuple[int, Rows]]:
    """(index of the first row, what `compute` makes of a batch of rows), from the batch that holds the row `done`.

    The random numbers of a batch depend only on `seed` and its place. So all that are asked for the views of one seed,
    at whatever size, see the same crops.
    """
    for start in range(done // BATCH_SIZE * BATCH_SIZE, len(rows), BATCH_SIZE):
        seed_everything(seed, start)
        yield start, compute(_copied(rows[start : start + BATCH_SIZE]))
        progress(min(start + BATCH_SIZE, len(rows)), len(rows))


def seed_of(key: tuple[object, ...]) -> int:
    """A seed that depends on all parts of a key."""
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:6])


def content_key(rows: Rows) -> str:
    """Identifies rows: by their file in the cache, which is named after their content, or by a digest."""
    if isinstance(rows, np.memmap) and isinstance(rows.filename, Path | str):
        path = Path(rows.filename)
        if path.stat().st_size == rows.offset + rows.nbytes:  # the whole file, not some rows of it
            return path.stem
    digest = hashlib.sha256(repr((rows.shape, rows.dtype.str)).encode())
    digest.update(np.ascontiguousarray(rows).data)
    return digest.hexdigest()


def fingerprint(network: nn.Module) -> str:
    """A digest of a network's weights."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _copied(rows: Rows) -> Tensor:
    """As a tensor. Copied, because PyTorch has no read-only tensors and a mapped file is read-only."""
    return torch.from_numpy(np.array(rows))
