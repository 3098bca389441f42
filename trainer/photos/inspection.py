"""Measurements that do not depend on what a photo shows: size, brightness, sharpness, and a perceptual hash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dogbreed.photos.decoding import PhotoError, open_photo
from trainer.photos.reading import MAX_PIXELS, photo_bytes

SIDE = 256  # shorter side of the grey copy that is measured, so that photos of different sizes are comparable
HASH_SIDE = 16  # 256 bits: with the usual 64, photos of different dogs in the same pose collide
FLAT = 4.0  # below this contrast there is only noise to hash


@dataclass(frozen=True)
class PhotoFacts:
    """`width` and `height` are upright pixels; `brightness` is the mean and `contrast` the standard deviation of grey
    in 0..255; `sharpness` is the standard deviation of its Laplacian; `fingerprint`: 32 bytes, or None (flat photos).
    """

    sha256: str
    width: int
    height: int
    brightness: float
    contrast: float
    sharpness: float
    fingerprint: bytes | None


@dataclass(frozen=True)
class Unreadable:
    """Why a file cannot be read as a photo, in words that can follow its name."""

    reason: str


def inspect(path: Path) -> PhotoFacts | Unreadable:
    """Decodes a whole photo and measures it."""
    try:
        data = photo_bytes(path)
        photo = open_photo(data, MAX_PIXELS, sufficient_side=SIDE)
    except PhotoError as error:
        return Unreadable(error.problem)
    return facts_of(hashlib.sha256(data).hexdigest(), photo.image, photo.width, photo.height)


def facts_of(sha256: str, image: Image.Image, width: int, height: int) -> PhotoFacts:
    """Measures an upright RGB image, which may be a reduced copy of a photo of `width` by `height` pixels."""
    grey = image.convert("L")
    scale = SIDE / min(grey.size)
    longest = SIDE * 8  # a very long strip is squeezed to this
    size = (min(round(grey.width * scale), longest), min(round(grey.height * scale), longest))
    pixels = np.asarray(grey.resize(size, Image.Resampling.BILINEAR), np.float32)
    contrast = float(pixels.std())
    return PhotoFacts(
        sha256,
        width,
        height,
        round(float(pixels.mean()), 2),
        round(contrast, 2),
        round(float(_laplacian(pixels).std()), 3),
        fingerprint(image) if contrast >= FLAT else None,
    )


def fingerprint(image: Image.Image) -> bytes:
    """The 256-bit perceptual hash of an image (whether its lowest frequencies are above their median), packed."""
    bits = imagehash.phash(image, hash_size=HASH_SIDE).hash
    return np.packbits(bits.flatten()).tobytes()


def _laplacian(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    inner = pixels[1:-1, 1:-1]
    return pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * inner
