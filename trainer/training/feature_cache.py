"""Features of every photo from a frozen backbone, computed once, so that training the head takes little time."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trainer.progress import Progress
from trainer.training.photo_cache import Pixels, cached_array
from trainer.training.randomness import seed_everything

BATCH_SIZE = 64

Features = NDArray[np.float32]


@dataclass(frozen=True)
class FrozenBackbone:
    """A backbone that is not trained, on the device that computes, and the folder that caches its features."""

    backbone: nn.Module
    device: torch.device
    autocast: bool  # to bfloat16
    folder: Path

    def features(
        self, pixels: Pixels, see: Callable[[Tensor], Tensor], key: tuple[object, ...], progress: Progress
    ) -> Features:
        """Features float32 `[photos, d]` of photos uint8 `[photos, 3, h, w]`, or `[photos, k, d]` for k views of each.

        Args:
            see: turns a batch of photos into the network's input `[n, 3, h, w]`, or `[n, k, 3, h, w]` for k views of
                each; if it is random, it uses PyTorch's generator.
            key: everything that decides what `see` does.
        """
        key = (*key, content_key(pixels))
        seed = int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:6])
        digest = hashlib.sha256(repr((key, fingerprint(self.backbone), self.autocast)).encode()).hexdigest()[:32]

        def rows() -> Iterator[tuple[int, Features]]:
            for start in range(0, len(pixels), BATCH_SIZE):
                seed_everything(seed, start)
                yield start, self._compute(_copied(pixels[start : start + BATCH_SIZE]), see)
                progress(min(start + BATCH_SIZE, len(pixels)), len(pixels))

        shape = self._compute(_copied(pixels[:1]), see).shape[1:]
        return cached_array(self.folder, f"features-{digest}", (len(pixels), *shape), np.float32, rows)

    @torch.inference_mode()
    def _compute(self, photos: Tensor, see: Callable[[Tensor], Tensor]) -> Features:
        images = see(photos.to(self.device))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            features: Tensor = self.backbone.eval()(images.flatten(0, -4))
        rows: Features = features.float().cpu().numpy()
        return rows.reshape(*images.shape[:-3], -1)


def content_key(pixels: Pixels) -> str:
    """Identifies photos: by their file in the decode cache, which is named after their content, or by a digest."""
    if isinstance(pixels, np.memmap) and isinstance(pixels.filename, Path | str):
        path = Path(pixels.filename)
        if path.stat().st_size == pixels.offset + pixels.nbytes:  # the whole file, not some rows of it
            return path.stem
    digest = hashlib.sha256(repr((pixels.shape, pixels.dtype.str)).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def fingerprint(network: nn.Module) -> str:
    """A digest of a network's weights."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _copied(pixels: Pixels) -> Tensor:
    """As a tensor. Copied, because PyTorch has no read-only tensors and a mapped file is read-only."""
    return torch.from_numpy(np.array(pixels))
