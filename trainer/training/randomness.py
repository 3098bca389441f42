"""Random numbers that depend on the seed and on where training is, and on nothing that came before.

So a run that was stopped anywhere goes on with the very numbers that it would have had.
"""

import numpy as np
import torch
from torch import Tensor

from trainer.distributed import World


def seed_for(*place: int) -> int:
    """A seed for a place in a run: (seed, epoch), (seed, epoch, batch), …"""
    return int(np.random.SeedSequence(place).generate_state(1, np.uint64)[0] >> 1)


def seed_everything(*place: int) -> None:
    """Starts PyTorch's random numbers, on every device, from a place in a run."""
    torch.manual_seed(seed_for(*place))


class Draws:
    """Random numbers for each photo of a batch, a part of which each process has.

    They are drawn for the whole batch, so that a photo gets the same view however many processes there are.
    """

    def __init__(self, photos: int, device: torch.device, world: World) -> None:
        self.photos = photos
        self.device = device
        self.world = world

    def uniform(self, low: float, high: float) -> Tensor:
        """`[photos]`, evenly in low..high."""
        whole = torch.rand(self.photos * self.world.size)
        return whole[self.world.rank :: self.world.size].to(self.device).mul_(high - low).add_(low)

    def chance(self, share: float) -> Tensor:
        """`[photos]` of booleans, True with the probability `share`."""
        return self.uniform(0, 1) < share
