"""The photos for measuring a server: one of a size common on web pages and one as large as a camera's."""

from io import BytesIO
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, ImageOps

from dogbreed.photos.decoding import open_photo
from trainer.photos.reading import photo_bytes

SMALL, LARGE = "500x375", "4000x3000"
SIZES = {SMALL: (500, 375), LARGE: (4000, 3000)}
JPEG_QUALITY = 90
CONTRAST = 13  # grey levels, of 256
FINEST_GRAIN = 0.35  # of a coarser octave's contrast: lenses blur the finest detail that a sensor resolves


def sample_photos(file: Path | None) -> tuple[str, dict[str, bytes]]:
    """The source of the photos as text, and each photo as the bytes of a JPEG.

    Raises:
        PhotoError: there is no such file, or it cannot be read as a photo.
    """
    if file is None:
        source, photo = "a made-up photo", made_up_photo(SIZES[LARGE])
    else:
        source, photo = file.name, open_photo(photo_bytes(file), settings.DOGBREED_MAX_PIXELS).image
    return source, {name: jpeg_of(ImageOps.fit(photo, size)) for name, size in SIZES.items()}


def made_up_photo(size: tuple[int, int]) -> Image.Image:
    """Clouds with equal contrast in every octave of detail, like photos of nature (amplitudes fall with 1/f: Field
    1987, doi 10.1364/JOSAA.4.002379), so that a JPEG of it is about as large as a photo's. Always the same.
    """
    random = np.random.default_rng(0)
    light = _clouds(random, size, CONTRAST)
    planes = []
    for _ in "RGB":  # brightness varies most; colour varies less and more coarsely
        colour = Image.fromarray(_clouds(random, (size[0] // 64, size[1] // 64), 0.3 * CONTRAST))
        plane = 128 + light + np.asarray(colour.resize(size, Image.Resampling.BICUBIC))
        planes.append(plane.clip(0, 255).astype(np.uint8))
    return Image.fromarray(np.stack(planes, axis=2))


def _clouds(random: np.random.Generator, size: tuple[int, int], contrast: float) -> NDArray[np.float32]:
    """float32 `[h, w]` around 0; `contrast` is the standard deviation of each octave."""
    clouds = np.zeros((size[1], size[0]), np.float32)
    octaves = [2**power for power in range(1, max(size).bit_length()) if 2**power < max(size)]
    for octave in reversed(octaves):  # pixels of a cloud, so that photos of all sizes have equal detail in a pixel
        width, height = (max(2, side // octave) for side in size)
        grid = random.standard_normal((height, width), np.float32)
        grain = contrast * (FINEST_GRAIN if octave == octaves[0] else 1)
        clouds += np.asarray(Image.fromarray(grain * grid).resize(size, Image.Resampling.BICUBIC))
    return clouds


def jpeg_of(photo: Image.Image) -> bytes:
    """The bytes of a JPEG of the photo, in a camera's quality."""
    file = BytesIO()
    photo.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
