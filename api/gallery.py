"""Photos of breeds that may be shown beside an answer: the operator's folder, in the layout of `manage.py collect`.

`manifest.csv` lists the photos with their breeds, authors, licences and sources. A photo without a licence or an author
is not shown, and neither is a file outside the folder.
"""

import csv
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from django.conf import settings

from dogbreed.errors import DogbreedError

MANIFEST_FILE = "manifest.csv"
NEEDED_COLUMNS = {"path", "breed", "licence", "author"}
NO_LICENCE = ("", "unknown")

logger = logging.getLogger(__name__)


class GalleryError(DogbreedError):
    """The manifest cannot be read."""


@dataclass(frozen=True)
class ListedPhoto:
    """A photo of the manifest. Its file may be missing or broken. The links are web addresses, or None."""

    folder: Path
    path: PurePosixPath  # below the folder
    author: str
    licence: str
    licence_url: str | None
    source_url: str | None

    def file(self) -> Path | None:
        """The file; None if there is none, or if a symbolic link leads out of the folder."""
        folder = self.folder.resolve()
        for path in (
            folder / self.path,
            (folder / self.path).with_suffix(".jpg"),
        ):  # `manage.py clean` converts to JPEG
            try:
                file = path.resolve(strict=True)
            except (OSError, ValueError):
                continue
            if file.is_relative_to(folder) and file.is_file():
                return file
        return None


def listed_photos(breed: str) -> tuple[ListedPhoto, ...]:
    """The photos of a breed that the manifest permits to show, in its order."""
    return _current().get(breed, ())


def _current() -> Mapping[str, tuple[ListedPhoto, ...]]:
    """The photos by breed. The manifest is read again when it has changed."""
    if settings.DOGBREED_GALLERY is None:
        return {}
    manifest = Path(settings.DOGBREED_GALLERY) / MANIFEST_FILE
    try:
        state = manifest.stat()
    except OSError:  # a system check says so
        return {}
    return _read_once(manifest, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _read_once(manifest: Path, changed: int, size: int) -> Mapping[str, tuple[ListedPhoto, ...]]:
    try:
        return read_gallery(manifest)
    except GalleryError as error:
        logger.warning("No photos of breeds are shown. %s", error)
        return {}


def read_gallery(manifest: Path) -> Mapping[str, tuple[ListedPhoto, ...]]:
    """The permitted photos by breed.

    Raises:
        GalleryError: the manifest cannot be read, or a column is missing.
    """
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = NEEDED_COLUMNS - set(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise GalleryError(f"{manifest} cannot be read: {error}. `manage.py collect` writes such a file.") from error
    if missing:
        raise GalleryError(f"{manifest} has no column {', '.join(sorted(missing))}. `manage.py collect` writes them.")
    photos = defaultdict(list)
    for row in rows:
        if photo := _permitted(row, manifest.parent):
            photos[row["breed"].strip()].append(photo)
    if left_out := len(rows) - sum(map(len, photos.values())):
        logger.info(
            "%d of %d photos in %s are not shown: they have no licence or no author, or lie outside the folder.",
            left_out,
            len(rows),
            manifest,
        )
    return {breed: tuple(of_breed) for breed, of_breed in photos.items()}


def _permitted(row: dict[str, str], folder: Path) -> ListedPhoto | None:
    author, licence = (" ".join(row[name].split()) for name in ("author", "licence"))
    path = PurePosixPath(row["path"].strip())
    is_below = bool(path.name) and not path.is_absolute() and ".." not in path.parts
    if not is_below or not author or licence.lower() in NO_LICENCE:
        return None
    source = _web_address(row.get("page", "")) or _web_address(row.get("url", ""))
    return ListedPhoto(folder, path, author, licence, _web_address(row.get("licence_url", "")), source)


def _web_address(text: str) -> str | None:
    """The text if a page may link to it: other schemes could run a script."""
    text = text.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None
