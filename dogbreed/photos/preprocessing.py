"""RGB photo -> the float32 array that the network was trained on, in the same way wherever a model is run."""

import math
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, field_validator

from dogbreed.strict_model import StrictModel

Interpolation = Literal["bilinear", "bicubic"]
CropMode = Literal["squash", "center"]
Channels = Annotated[tuple[float, float, float], Field(description="R, G, B; for photos in 0..1.")]

RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
REDUCED_AT_LEAST = 2  # times what is needed: resizing the rest of the way then hides how the photo was decoded


class Preprocessing(StrictModel):
    """How a photo becomes a network's input. The keys have timm's names and meanings."""

    input_size: tuple[Literal[3], int, int]
    interpolation: Interpolation
    crop_pct: float = Field(gt=0, le=1)
    crop_mode: CropMode
    mean: Channels
    std: Channels

    @field_validator("std")
    @classmethod
    def check_std(cls, std: Channels) -> Channels:
        if min(std) <= 0:
            raise ValueError(f"std must be above zero, got {std}")
        return std


def sufficient_side(config: Preprocessing) -> int:
    """A length of the shorter side, in pixels, from which on a larger decoded photo changes the input hardly at all."""
    _, height, width = config.input_size
    return math.ceil(REDUCED_AT_LEAST * max(height, width) / config.crop_pct)


def to_input(photo: Image.Image, config: Preprocessing) -> NDArray[np.float32]:
    """Frames, scales and normalizes an RGB photo as in training.

    Returns:
        float32 `[3, h, w]`, contiguous: (pixel / 255 - mean) / std.
    """
    pixels = frame(photo, config).astype(np.float32)
    mean = np.asarray(config.mean, np.float32)[:, None, None]
    std = np.asarray(config.std, np.float32)[:, None, None]
    pixels /= 255 * std
    pixels -= mean / std
    return pixels


def frame(photo: Image.Image, config: Preprocessing) -> NDArray[np.uint8]:
    """The part of an RGB photo that the network gets, resized to its input size.

    `crop_mode` "squash" resizes to input size / crop_pct and ignores the aspect ratio; "center" resizes the shorter
    side to that and keeps the aspect ratio. Both then crop the input size from the middle.

    Returns:
        uint8 `[3, h, w]`, contiguous.
    """
    _, height, width = config.input_size
    # Only the cropped part is resized: a very long and narrow photo would not fit into memory as a whole.
    resampling = RESAMPLING[config.interpolation]
    framed = photo.resize((width, height), resampling, box=framed_box(photo.size, config))
    return np.ascontiguousarray(np.asarray(framed).transpose(2, 0, 1))


def framed_box(size: tuple[int, int], config: Preprocessing) -> tuple[float, float, float, float]:
    """The part of a photo of `size` (width, height) that the network gets: left, top, right, bottom in its pixels."""
    _, height, width = config.input_size
    resized_width, resized_height = width / config.crop_pct, height / config.crop_pct
    if config.crop_mode == "center":
        scale = max(resized_width / size[0], resized_height / size[1])
        resized_width, resized_height = size[0] * scale, size[1] * scale
    left, right = _middle(size[0], round(resized_width), width)
    top, bottom = _middle(size[1], round(resized_height), height)
    return left, top, right, bottom


def _middle(length: int, resized: int, kept: int) -> tuple[float, float]:
    """Start and end, in a side of `length` pixels, of the middle `kept` pixels of the same side `resized`."""
    start = round((resized - kept) / 2)
    return start * length / resized, (start + kept) * length / resized


def part_of(photo: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """A part of a photo, of one pixel at least: left, top, right, bottom in 0..1 of its width and height."""
    left, top, right, bottom = (int(side * length) for side, length in zip(box, photo.size * 2, strict=True))
    return photo.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
