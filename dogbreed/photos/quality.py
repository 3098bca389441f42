"""How bright and how sharp a photo is. The measures do not depend on its size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 160  # pixels of the small copy that is measured


def brightness(photo: Image.Image) -> float:
    """The luminance that 5 % of the pixels exceed, 0..1."""
    return float(np.percentile(_luminance(photo), 95))


def sharpness(photo: Image.Image) -> float:
    """How much neighbouring edges differ, in the direction in which they differ less: 1 and more in sharp photos.

    It is the energy of second differences over that of first differences. Blur takes the former away first, and motion
    blur in its own direction alone.
    """
    pixels = _luminance(photo)
    return min(_ratio(pixels, axis) for axis in (0, 1))


def _ratio(pixels: NDArray[np.float32], axis: int) -> float:
    first, second = (float((np.diff(pixels, n, axis=axis) ** 2).mean()) for n in (1, 2))
    return second / first if first > 1e-7 else 0.0


def _luminance(photo: Image.Image) -> NDArray[np.float32]:
    small = photo.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small).astype(np.float32) / np.float32(255)
