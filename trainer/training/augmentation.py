"""Augmentation and normalization of a whole batch of photos, on the device that trains.

Everything that moves pixels (crop, zoom, flip, rotation) is one affine map, sampled once; everything that changes
colours is one 3 x 3 matrix and an offset.
"""

import math
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms import v2

from trainer.distributed import World
from trainer.networks.weights import Triple
from trainer.recipes.recipe import Augmentation
from trainer.training.randomness import Draws

GREY = 0.5  # fills the area around a photo that was made smaller or rotated, unless mirror images do
PADDING = {"grey": "zeros", "mirrored": "reflection"}  # the names that PyTorch has for the surroundings
LUMA = (0.299, 0.587, 0.114)  # perceived brightness of red, green and blue (ITU-R BT.601)
YIQ = (LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))  # brightness and two colour axes (NTSC 1953)


class BatchAugmentation:
    """uint8 `[n, 3, s, s]` -> float32 `[n, 3, size, size]` in 0..1, each photo augmented at random."""

    def __init__(self, augmentation: Augmentation, size: int, world: World) -> None:
        self.settings = augmentation
        self.size = size
        self.world = world
        magnitude = augmentation.randaugment_magnitude
        self.randaugment = v2.RandAugment(augmentation.randaugment, magnitude) if augmentation.randaugment else None
        self.erasing = v2.RandomErasing(augmentation.erasing) if augmentation.erasing else None

    def __call__(self, photos: Tensor, in_all: int | None = None) -> Tensor:
        """Args:
        in_all: photos in the whole batch; by default as many as here in every process.
        """
        if self.randaugment:
            photos = torch.stack([self.randaugment(photo) for photo in photos])
        draws = Draws(in_all or len(photos) * self.world.size, photos.device, self.world)
        views = change_colors(self._framed(photos, draws), draws, self.settings)
        return torch.stack([self.erasing(view) for view in views]) if self.erasing else views

    def _framed(self, photos: Tensor, draws: Draws) -> Tensor:
        shape = [len(photos), 3, self.size, self.size]
        grid = F.affine_grid(random_frames(draws, self.settings), shape, align_corners=False)
        # Shifted so that grey is zero, because sampling pads with zeros.
        pixels = photos.float().div_(255).sub_(GREY)
        padding = PADDING[self.settings.surroundings]
        return F.grid_sample(pixels, grid, padding_mode=padding, align_corners=False).add_(GREY)


def random_frames(draws: Draws, a: Augmentation) -> Tensor:
    """Random affine maps `[n, 2, 3]` from view to photo coordinates, both in -1..1: crop, zoom, flip and rotation."""
    area = draws.uniform(*a.crop_scale)
    ratio = draws.uniform(math.log(a.crop_ratio[0]), math.log(a.crop_ratio[1])).exp()
    canvas = torch.where(draws.chance(a.zoom_out), draws.uniform(1, a.zoom_out_side), 1.0)
    width, height = ((area * r).sqrt().clamp(max=1) * canvas for r in (ratio, 1 / ratio))
    # A view smaller than its photo lies anywhere inside it; a larger view, anywhere around it.
    x, y = (draws.uniform(-1, 1) * (1 - side).abs() for side in (width, height))
    turned = draws.uniform(-1, 1) * math.radians(a.rotation) * draws.chance(a.rotation_share)
    mirror = 1 - 2 * draws.chance(a.flip).float()
    cos, sin = turned.cos(), turned.sin()
    rows = torch.stack([width * cos * mirror, -width * sin, x, height * sin * mirror, height * cos, y], dim=1)
    return rows.view(-1, 2, 3)


def change_colors(photos: Tensor, draws: Draws, a: Augmentation) -> Tensor:
    """Randomly changes brightness, contrast, saturation and hue of photos `[n, 3, h, w]` in 0..1; some become grey."""
    changed = draws.chance(a.color_share)
    brightness, contrast, saturation = (
        torch.where(changed, draws.uniform(1 - a.color, 1 + a.color), 1.0) for _ in range(3)
    )
    hue = torch.where(changed, draws.uniform(-1, 1) * (2 * math.pi * a.color / 6), 0.0)
    saturation = torch.where(draws.chance(a.grayscale), 0.0, saturation)
    matrix = color_matrices(hue, saturation)
    grey = torch.tensor(LUMA, device=photos.device) @ photos.mean(dim=(2, 3)).T  # unchanged by hue and saturation
    scale, offset = brightness * contrast, brightness * (1 - contrast) * grey
    flat = torch.baddbmm(offset[:, None, None], scale[:, None, None] * matrix, photos.flatten(2))
    return flat.clamp_(0, 1).view_as(photos)


def color_matrices(hue: Tensor, saturation: Tensor) -> Tensor:
    """RGB -> RGB `[n, 3, 3]`: hue rotated by `hue` radians, colour scaled by `saturation`, brightness unchanged."""
    to_yiq = torch.tensor(YIQ, device=hue.device)
    cos, sin, zero = saturation * hue.cos(), saturation * hue.sin(), torch.zeros_like(hue)
    one = torch.ones_like(hue)
    turn = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], dim=1).view(-1, 3, 3)
    return cast(Tensor, torch.linalg.inv(to_yiq) @ turn @ to_yiq)


class Normalization:
    """(pixels - mean) / std of images `[n, 3, h, w]`, float in 0..1 or bytes, in the channels-last memory format."""

    def __init__(self, mean: Triple, std: Triple) -> None:
        self.mean = torch.tensor(mean).view(3, 1, 1)
        self.std = torch.tensor(std).view(3, 1, 1)

    def __call__(self, images: Tensor) -> Tensor:
        if images.dtype == torch.uint8:
            images = images.float().div_(255)
        mean, std = self.mean.to(images.device), self.std.to(images.device)
        return images.sub(mean).div_(std).contiguous(memory_format=torch.channels_last)


def batch_mixing(augmentation: Augmentation, classes: int) -> v2.Transform | None:
    """Mixup (Zhang 2018), CutMix (Yun 2019) or either at random: (images, class indices) -> (images, class shares)."""
    mixers = [mix(alpha=alpha, num_classes=classes) for mix, alpha in _mixers(augmentation) if alpha > 0]
    return v2.RandomChoice(mixers) if mixers else None


def _mixers(augmentation: Augmentation) -> list[tuple[type[v2.Transform], float]]:
    return [(v2.MixUp, augmentation.mixup), (v2.CutMix, augmentation.cutmix)]
