"""Where photos come from: files, folders, lists of names, and URLs. Names are found one after the other, not held."""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from trainer.photos.folders import PHOTO_SUFFIXES, PhotosError
from trainer.prediction import stores

PLAIN_LISTS = (".txt", ".lst")
LISTS = (*PLAIN_LISTS, ".csv")
COLUMN = "path"


def photos_of(sources: Sequence[str]) -> Iterator[str]:
    """The names of all photos, in the order of the sources; a photo that two sources name comes twice.

    A source is a file; a folder, of which all photos below come sorted by name; a list with a name in each line
    (`.txt`, `.lst`), or in the column `path` (`.csv`), relative to the working directory; or a URL of any of these.

    Raises:
        MissingPackageError: a URL needs a package that is not installed.
        PhotosError: a source does not exist, cannot be read, or names no photo.
        StoreError: a store does not answer, or has no such object.
    """
    any_found = False
    for source in sources:
        for name in _photos_of(source):
            any_found = True
            yield name
    if not any_found:
        raise PhotosError(f"There are no photos ({', '.join(sorted(PHOTO_SUFFIXES))}) in {', '.join(sources)}.")


def check_sources(sources: Sequence[str]) -> None:
    """Raises PhotosError for the first file or folder that does not exist."""
    for source in sources:
        if not stores.is_url(source) and not Path(source).exists():
            raise PhotosError(f"There is no {source}. Name photos, folders of photos, lists of photos, or URLs.")


def _photos_of(source: str) -> Iterator[str]:
    if source.lower().endswith(LISTS):
        yield from _listed(source)
    elif stores.is_url(source):
        yield from stores.photos_at(source, PHOTO_SUFFIXES)
    elif Path(source).is_dir():
        yield from _below(str(Path(source)))
    else:
        yield str(Path(source))


def _below(folder: str) -> Iterator[str]:
    """The photos below a folder, sorted. Only the names in the folders on the way are in memory."""
    try:
        with os.scandir(folder) as found:
            entries = sorted((entry.name, entry.is_dir(follow_symlinks=False), entry.is_file()) for entry in found)
    except OSError as error:
        raise PhotosError(f"The folder {folder} cannot be read ({error.strerror}). Check its permissions.") from error
    for name, is_folder, is_file in entries:
        path = name if folder == "." else os.path.join(folder, name)  # noqa: PTH118 - a Path each would take long
        if is_folder:
            yield from _below(path)
        elif is_file and f".{name.rpartition('.')[2].lower()}" in PHOTO_SUFFIXES:
            yield path


def _listed(source: str) -> Iterator[str]:
    if source.lower().endswith(PLAIN_LISTS):
        yield from (name for line in _lines(source) if (name := line.rstrip("\r\n")).strip())
        return
    reader = csv.DictReader(_lines(source))
    if COLUMN not in (reader.fieldnames or []):
        raise PhotosError(
            f"The list {source} has no column {COLUMN!r} with a name or a URL of a photo in each line; it has "
            f"{', '.join(reader.fieldnames or []) or 'none'}. Rename one, or use a .txt file with one name a line."
        )
    yield from (row[COLUMN] for row in reader if row[COLUMN])


def _lines(source: str) -> Iterator[str]:
    if stores.is_url(source):
        yield from stores.lines(source)
        return
    try:
        # File names may contain any bytes.
        with Path(source).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield from file
    except OSError as error:
        raise PhotosError(f"The list {source} cannot be read ({error.strerror}). Check its permissions.") from error
