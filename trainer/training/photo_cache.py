"""Photos that are decoded and framed once."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dogbreed.photos.preprocessing import Preprocessing, frame
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import read_photo
from trainer.progress import Progress
from trainer.training.array_cache import cached_array

FORMAT = "2"  # part of every key: raise it when the stored pixels change

Pixels = NDArray[np.uint8]


def cached_pixels(
    photos: list[LabelledPhoto], preprocessing: Preprocessing, folder: Path, progress: Progress
) -> Pixels:
    """Photos framed as `preprocessing` says, but not normalized, and decoded once.

    The file is named after a digest of the photos' bytes and of the framing, so a changed photo makes another file.

    Returns:
        uint8 `[photos, 3, h, w]`, mapped from a file.

    Raises:
        PhotoError: a file is no photo.
    """
    _, height, width = preprocessing.input_size

    def decode(photo: LabelledPhoto) -> Pixels:
        return frame(read_photo(photo.path, preprocessing), preprocessing)

    def rows(done: int) -> Iterator[tuple[int, Pixels]]:
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow releases the GIL while it decodes
            for index, pixels in enumerate(threads.map(decode, photos[done:]), start=done):
                yield index, pixels[None]
                progress(index + 1, len(photos))

    key = _digest(photos, preprocessing)
    return cached_array(folder, f"photos-{key}", (len(photos), 3, height, width), np.uint8, rows)


def _digest(photos: list[LabelledPhoto], p: Preprocessing) -> str:
    framing = (FORMAT, p.input_size, p.interpolation, p.crop_pct, p.crop_mode)
    digest = hashlib.sha256(repr(framing).encode())
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for content in threads.map(lambda photo: hashlib.sha256(photo.path.read_bytes()).digest(), photos):
            digest.update(content)
    return digest.hexdigest()[:32]
