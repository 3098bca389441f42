"""Training photos without augmentation, framed as validation photos are."""

from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.recipes.recipe import Input
from trainer.training.batches import Labelled
from trainer.training.lightning_module import BreedTraining
from trainer.training.losses import likeliest

AT_ONCE = 32
FEWEST_PHOTOS, PHOTOS = 32, 128
COST = 0.005  # share of an epoch's time that the photos may take
PASSES = 3  # a training step takes the time of so many forward passes
MOST_EPOCHS_BETWEEN = 5


def clean_logits(module: BreedTraining, inputs: Tensor) -> Tensor:
    """Logits `[n, classes]` of rows of training data, without augmentation and without the mirror image.

    Args:
        inputs: photos as bytes `[n, 3, s, s]`, or activations or features as they are.
    """
    if inputs.dtype != torch.uint8:
        return module.logits(inputs)
    images = module.normalize(framed(inputs, module.recipe.input))
    return cast(Tensor, module.network.head(module.network.backbone(images)))


def framed(photos: Tensor, settings: Input) -> Tensor:
    """Stored training photos, bytes `[n, 3, s, s]`, as validation shows them: float `[n, 3, size, size]` in 0..1."""
    side = photos.shape[-1]
    kept = round(side * settings.crop_pct)
    begin = (side - kept) // 2
    middle = photos[:, :, begin : begin + kept, begin : begin + kept].float().div_(255)
    size = [settings.size, settings.size]
    return F.interpolate(middle, size, mode="bilinear", antialias=True, align_corners=False)


class CleanPhotos:
    """The same photos in every epoch, spread evenly over the training data, which is in order of the breeds."""

    def __init__(self, data: Labelled) -> None:
        affordable = int(COST * PASSES * len(data) * MOST_EPOCHS_BETWEEN)
        self.data = data
        number = min(max(affordable, FEWEST_PHOTOS), PHOTOS, len(data))
        self.chosen = np.linspace(0, len(data) - 1, number).astype(int)

    def __len__(self) -> int:
        return len(self.chosen)

    def due(self, epoch: int) -> bool:
        """Whether to measure in an epoch, counted from 0: in each, or in fewer where that would take too long."""
        every = -(-len(self) // max(int(COST * PASSES * len(self.data)), 1))
        return (epoch + 1) % min(every, MOST_EPOCHS_BETWEEN) == 0

    def logits(self, module: BreedTraining) -> tuple[Tensor, Tensor]:
        """Logits `[n, classes]` and class indices `[n]`, on the CPU. The network is in evaluation mode."""
        found = []
        with torch.no_grad():
            for begin in range(0, len(self), AT_ONCE):
                rows = torch.from_numpy(np.array(self.data.rows[self.chosen[begin : begin + AT_ONCE]]))
                found.append(clean_logits(module, rows.to(module.device)).float())
        return torch.cat(found).cpu(), likeliest(self.data.targets[torch.from_numpy(self.chosen)])
