"""What a training photo goes through: framing in both directions, flips, rotation, colour."""

import torch
from torchvision.transforms import v2

from trainer.architectures import Triple
from trainer.recipe import Augmentation

GREY = 128  # what fills the canvas around a photo that was made smaller or rotated


def training_transform(augmentation: Augmentation, size: int, mean: Triple, std: Triple) -> v2.Compose:
    """Builds the random transform from an RGB photo to a float32 `[3, size, size]` tensor, normalized."""
    a = augmentation
    jitter = v2.ColorJitter(a.color, a.color, a.color, a.color / 6)
    rotation = v2.RandomRotation([-a.rotation, a.rotation], interpolation=v2.InterpolationMode.BILINEAR, fill=GREY)
    return v2.Compose(
        [
            v2.PILToTensor(),
            v2.RandomZoomOut(fill=GREY, side_range=(1.0, a.zoom_out_side), p=a.zoom_out),
            v2.RandomResizedCrop(size, scale=list(a.crop_scale), ratio=list(a.crop_ratio), antialias=True),
            v2.RandomHorizontalFlip(a.flip),
            v2.RandomApply([rotation], p=a.rotation_share),
            v2.RandomApply([jitter], p=a.color_share),
            v2.RandomGrayscale(a.grayscale),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(list(mean), list(std)),
        ]
    )
