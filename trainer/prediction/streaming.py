"""Answers for a stream of photos: reading, decoding and inference overlap, and only a few photos are in memory."""

import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dogbreed.model.classifier import Classifier
from dogbreed.model.engines.threads import available_cores
from dogbreed.photos.decoding import PhotoError
from trainer.prediction import stores
from trainer.prediction.rows import Row, error_row, row_of

READERS = 16  # threads that wait for disks and stores
READ_AHEAD = 32  # photos, as files
MOST_BYTES = 200_000_000  # of a file: a longer one is no photo, and would fill the memory

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class ReadPhoto:
    """A photo's file, or why it cannot be read."""

    path: str
    data: bytes = b""
    error: str = ""


def answers(classifier: Classifier, names: Iterable[str], max_pixels: int) -> Iterator[Row]:
    """A row for each photo, in order, each with the answer that the API gives.

    Args:
        classifier: best loaded with `photos="many"`.
        names: of files and URLs. They are taken from it only a little ahead of the answers.
        max_pixels: a photo with more cannot be read, as in the API.

    Raises:
        StoreError, MissingPackageError: a store does not answer, or cannot be reached. What `names` raises.
    """
    # One thread more than cores decodes the next photo while all cores compute: 42 photos a second on two cores instead
    # of 38 (models/default, float32).
    threads = available_cores() + 1
    with ThreadPoolExecutor(READERS) as readers, ThreadPoolExecutor(threads) as workers:
        photos = in_order(readers, read_photo_file, names, READ_AHEAD)
        yield from in_order(workers, lambda photo: answer(classifier, photo, max_pixels), photos, 4 * threads)


def in_order(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """The results in the order of `items`, at most `ahead` of them under way or waiting."""
    under_way: deque[Future[Result]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) == ahead:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


def answer(classifier: Classifier, photo: ReadPhoto, max_pixels: int) -> Row:
    path = printable(photo.path)
    if photo.error:
        return error_row(path, photo.error)
    try:
        return row_of(path, classifier.classify(classifier.open(photo.data, max_pixels).image))
    except PhotoError as error:
        return error_row(path, str(error))


def read_photo_file(name: str) -> ReadPhoto:
    """Reads a file or an object. Raises StoreError or MissingPackageError: it cannot be known whether it is a photo."""
    try:
        data = stores.read(name, MOST_BYTES) if stores.is_url(name) else _read(Path(name))
    except OSError as error:
        return ReadPhoto(name, error=f"This file cannot be read ({error.strerror or error}).")
    if len(data) > MOST_BYTES:
        return ReadPhoto(name, error=f"This file has more than {MOST_BYTES / 1e6:g} MB.")
    return ReadPhoto(name, data)


def printable(name: str) -> str:
    """The name with bytes that are not UTF-8 escaped, as it is written to files."""
    return name.encode("utf-8", "backslashreplace").decode()


def _read(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait forever
        raise OSError(None, "it is a folder or a device")
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
