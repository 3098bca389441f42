"""Photo files opened as the API opens uploads."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from dogbreed.photos.decoding import Photo, PhotoError, open_photo
from dogbreed.photos.preprocessing import Preprocessing, sufficient_side
from trainer.photos.folders import LabelledPhoto
from trainer.progress import Progress

MAX_PIXELS = 200_000_000  # a practitioner's own photos may be large; a visitor's limit is the API's business
ADVICE = "Remove it or run manage.py clean."


def read_photo(path: Path, config: Preprocessing) -> Image.Image:
    """Opens a photo exactly as the API does for a model of this configuration.

    Raises:
        PhotoError: the file is not a photo that can be read; the message names it.
    """
    return open_photo_file(path, sufficient_side(config)).image


def open_photo_file(path: Path, sufficient_side: int | None = None) -> Photo:
    """`open_photo` for a file.

    Raises:
        PhotoError: the file is not a photo that can be read; the message names it.
    """
    try:
        return open_photo(photo_bytes(path), MAX_PIXELS, sufficient_side)
    except PhotoError as error:
        raise PhotoError(error.code, error.problem, ADVICE, path) from error


def check_photos(photos: list[LabelledPhoto], config: Preprocessing, progress: Progress) -> None:
    """Decodes all photos once, so that a broken one is found before the long work that needs it.

    Raises:
        PhotoError: the first file that is not a photo that can be read; the message names it.
    """

    def check(photo: LabelledPhoto) -> None:
        read_photo(photo.path, config)

    with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow releases the GIL while it decodes
        for done, _ in enumerate(threads.map(check, photos), start=1):
            progress(done, len(photos))


def photo_bytes(path: Path) -> bytes:
    """The bytes of a photo's file.

    Raises:
        PhotoError: there is no such file, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        problem = f"this file cannot be read ({error.strerror})."
        raise PhotoError("unreadable_file", problem, "Check its name and permissions.", path) from error
