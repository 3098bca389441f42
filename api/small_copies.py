"""Small copies of photos: JPEG without metadata. Those of the gallery are kept in memory."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from threading import Lock

from django.conf import settings

from api.gallery import ListedPhoto, listed_photos
from dogbreed.errors import DogbreedError
from dogbreed.model.classifier import pixel_gate
from dogbreed.photos.decoding import open_photo

MOST = 6  # photos of a breed
LONGER_SIDE = 480  # pixels: sharp at 160 CSS pixels on a phone
JPEG_QUALITY = 80
KEPT = 1000  # more than 120 breeds show; each takes about 30 kB

logger = logging.getLogger(__name__)
_one_at_a_time = Lock()  # predictions need the other cores


@dataclass(frozen=True)
class SmallCopy:
    """`digest` is that of `jpeg`, so an address with it always has the same content."""

    jpeg: bytes
    width: int
    height: int
    digest: str


def shown_photos(breed: str) -> list[tuple[ListedPhoto, SmallCopy]]:
    """The first `MOST` photos of a breed that can be shown. Files that are missing or broken are skipped and logged."""
    return list(islice(_readable(breed), MOST))


def _readable(breed: str) -> Iterator[tuple[ListedPhoto, SmallCopy]]:
    for photo in listed_photos(breed):
        file = photo.file()
        if file is None:
            _report_missing(photo)
            continue
        try:
            state = file.stat()
        except OSError:  # deleted a moment ago
            continue
        if small := _copy(file, state.st_mtime_ns, state.st_size):
            yield photo, small


@lru_cache(maxsize=KEPT)  # once in a process
def _report_missing(photo: ListedPhoto) -> None:
    logger.warning("The gallery's photo %s is missing, or outside the folder. It is skipped.", photo.path)


@lru_cache(maxsize=KEPT)
def _copy(file: Path, changed: int, size: int) -> SmallCopy | None:
    """A small copy of the file in its current state; None if it cannot be read."""
    if size > settings.DOGBREED_MAX_UPLOAD_BYTES:
        logger.warning("%s is larger than DOGBREED_MAX_UPLOAD_BYTES. It is skipped.", file)
        return None
    try:
        return small_copy(file, LONGER_SIDE)
    except (DogbreedError, OSError) as error:
        logger.warning("%s cannot be shown and is skipped: %s", file, error)
        return None


def small_copy(file: Path, longer_side: int) -> SmallCopy:
    """A copy of at most that many pixels. Raises `PhotoError` and `OSError`."""
    with _one_at_a_time:
        image = open_photo(file.read_bytes(), settings.DOGBREED_MAX_PIXELS, longer_side, pixel_gate()).image
        image.thumbnail((longer_side, longer_side))
        jpeg = BytesIO()
        image.save(jpeg, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    data = jpeg.getvalue()
    return SmallCopy(data, image.width, image.height, hashlib.sha256(data).hexdigest()[:32])
