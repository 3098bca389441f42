"""What a frozen backbone makes of every photo, computed once: the head then learns from it in next to no time."""

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
    """A backbone that does not learn, on the device that computes, and where its features are kept."""

    backbone: nn.Module
    device: torch.device
    autocast: bool  # to bfloat16
    folder: Path

    def features(
        self, pixels: Pixels, see: Callable[[Tensor], Tensor], key: tuple[object, ...], progress: Progress
    ) -> Features:
        """Features float32 `[photos, d]` of photos uint8 `[photos, 3, h, w]`, or `[photos, k, d]` of k looks at each.

        Args:
            see: what makes a network's input `[n, 3, h, w]` of a batch of photos, or `[n, k, 3, h, w]` of k looks at
                each; random, it draws from PyTorch's numbers.
            key: all that decides what `see` does, together with the photos.
        """
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


def fingerprint(network: nn.Module) -> str:
    """A digest of a network's weights."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _copied(pixels: Pixels) -> Tensor:
    """PyTorch has no tensors that may not be written to, and a mapped file may not."""
    return torch.from_numpy(np.array(pixels))
