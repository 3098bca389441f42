"""Golden photos: synthetic photos as files, with the inputs and logits that a server must reproduce."""

import base64
from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from dogbreed.model.golden import GOLDEN_MAX_PIXELS
from dogbreed.model.golden_file import GoldenPhoto
from dogbreed.model.golden_input import block_means
from dogbreed.model.precision import Precision
from dogbreed.photos.decoding import open_photo
from dogbreed.photos.preprocessing import Preprocessing, sufficient_side, to_input

# Libraries may round a pixel differently; the means over blocks then differ by far less than this.
INPUT_TOLERANCE_LEVELS = 1.0  # of 255
NOISY_SHARE = 0.01  # of all values, which may be a grey level higher or lower
NOISE_SEEDS = range(3)
OCTAVES = ((6, 60), (24, 40), (96, 25))  # columns of colours, and their contrast in grey levels
MARGIN = 2  # times the change of logits that this noise causes

Logits = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def golden_files() -> dict[str, bytes]:
    """Each takes another path through the decoder: rotated by Exif, transparent, and so large that it is reduced."""
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    clear = clouds(1, (60, 80)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    return {
        "a JPEG rotated by Exif": _encoded(clouds(0, (240, 180)), "JPEG", quality=85, exif=turned),
        "a transparent PNG": _encoded(clear, "PNG"),
        "a large JPEG": _encoded(clouds(2, (1600, 1200)), "JPEG", quality=30),
    }


def clouds(seed: int, size: tuple[int, int]) -> Image.Image:
    """Coarse and fine colours of `size` (width, height) from a seed, so that differences in resizing show."""
    random = np.random.RandomState(seed)
    pixels = np.full((size[1], size[0], 3), 128, np.float32)
    for columns, contrast in OCTAVES:
        grid = ((random.random_sample((columns * 3 // 4, columns, 3)) * 2 - 1) * contrast).astype(np.float32)
        for channel in range(3):
            plane = Image.fromarray(grid[..., channel]).resize(size, Image.Resampling.BICUBIC)
            pixels[..., channel] += np.asarray(plane)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _encoded(photo: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    photo.save(file, kind, **options)
    return file.getvalue()


def golden_photos(
    preprocessing: Preprocessing, logits: Logits, files: dict[str, bytes] | None = None
) -> tuple[list[GoldenPhoto], float]:
    """The golden photos, and by how much logits change if some pixels are a grey level off.

    Args:
        logits: the trained network: float32 `[n, 3, h, w]` -> `[n, classes]`.
        files: the photos by name; None for `golden_files`.
    """
    photos, largest = [], 0.0
    for name, file in (golden_files() if files is None else files).items():
        image = to_input(open_photo(file, GOLDEN_MAX_PIXELS, sufficient_side(preprocessing)).image, preprocessing)
        expected = logits(image[None])[0]
        noisy = logits(np.stack([_noisy(image, preprocessing, seed) for seed in NOISE_SEEDS]))
        largest = max(largest, float(np.abs(noisy - expected).max()))
        photos.append(
            GoldenPhoto(
                name=name,
                file=base64.b64encode(file),
                input_means=block_means(image).ravel().round(5).tolist(),
                logits=expected.astype(float).round(5).tolist(),
            )
        )
    return photos, MARGIN * largest


def photo_tolerance(tolerance: dict[Precision, float], noise: float) -> dict[Precision, float]:
    return {precision: round(allowed + noise, 4) for precision, allowed in tolerance.items()}


def input_tolerance(preprocessing: Preprocessing) -> float:
    return round(INPUT_TOLERANCE_LEVELS / 255 / min(preprocessing.std), 5)


def _noisy(image: NDArray[np.float32], preprocessing: Preprocessing, seed: int) -> NDArray[np.float32]:
    random = np.random.RandomState(seed)
    levels = random.choice([-1, 1], image.shape) * (random.random_sample(image.shape) < NOISY_SHARE)
    noisy: NDArray[np.float32] = (image + levels / 255 / np.asarray(preprocessing.std)[:, None, None]).astype(
        np.float32
    )
    return noisy
