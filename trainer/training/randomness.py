"""Random numbers that depend only on the seed and the position in training.

So a run that was stopped anywhere resumes with the random numbers of an uninterrupted run.
"""

import torch
from torch import Tensor

from trainer.distributed import World
from trainer.training.seeds import seed_for


def seed_everything(*position: int) -> None:
    """Seeds PyTorch's random number generators, on every device, for a position in a run."""
    torch.manual_seed(seed_for(*position))


class Draws:
    """Random numbers for the photos of a batch that is divided between processes.

    They are drawn for the whole batch, so that a photo gets the same view with any number of processes.

    Args:
        photos: of the whole batch.
    """

    def __init__(self, photos: int, device: torch.device, world: World) -> None:
        self.photos = photos
        self.device = device
        self.world = world

    def uniform(self, low: float, high: float) -> Tensor:
        """For each photo of this process, uniform in low..high."""
        whole = torch.rand(self.photos)
        return whole[self.world.rank :: self.world.size].to(self.device).mul_(high - low).add_(low)

    def chance(self, share: float) -> Tensor:
        """For each photo of this process a boolean, True with the probability `share`."""
        return self.uniform(0, 1) < share
