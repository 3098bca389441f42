"""Photos decoded and framed once, into files that are mapped into memory."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from dogbreed.photos.preprocessing import Preprocessing, frame
from trainer.files import whole_file
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import read_photo
from trainer.progress import Progress

FORMAT = "1"  # part of every key: raise it when the stored pixels change

Pixels = NDArray[np.uint8]


def cached_array(
    folder: Path, key: str, shape: tuple[int, ...], dtype: Any, rows: Callable[[], Iterator[tuple[int, NDArray[Any]]]]
) -> NDArray[Any]:
    """An array that is computed once and afterwards mapped from `folder/<key>.npy`.

    The file gets its name only when it is complete. If several processes need it, one computes and the others wait.

    Args:
        rows: computes the array piece by piece: (index of its first row, some rows).
    """
    path = folder / f"{key}.npy"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{key}.lock"):  # the system releases it when the process ends, for whatever reason
        if not path.is_file():
            _compute(path, shape, dtype, rows)
    array: NDArray[Any] = np.load(path, mmap_mode="r")
    return array


def _compute(
    path: Path, shape: tuple[int, ...], dtype: Any, rows: Callable[[], Iterator[tuple[int, NDArray[Any]]]]
) -> None:
    with whole_file(path) as unfinished:
        array = np.lib.format.open_memmap(unfinished, mode="w+", dtype=dtype, shape=shape)
        for start, piece in rows():
            array[start : start + len(piece)] = piece
        array.flush()


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

    def rows() -> Iterator[tuple[int, Pixels]]:
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow releases the GIL while it decodes
            for index, pixels in enumerate(threads.map(decode, photos)):
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
