"""Folders of labelled photos: one folder a breed. Found, split, and the same for training and measuring."""

from dataclasses import dataclass
from pathlib import Path

from dogbreed.errors import DogbreedError
from dogbreed.photos.formats import EXTENSIONS

PHOTO_SUFFIXES = set(EXTENSIONS)


class PhotosError(DogbreedError):
    """A folder of photos is not what was expected; the message says what came and what to do."""


@dataclass(frozen=True)
class LabelledPhoto:
    path: Path
    breed: str


def find_photos(folder: Path) -> list[LabelledPhoto]:
    """Every photo of a folder with one folder a breed, in order of breed and name.

    Raises:
        PhotosError: no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise PhotosError(f"Expected a folder with one folder of photos a breed at {folder}, but there is none.")
    photos = [
        LabelledPhoto(path, breed.name)
        for breed in sorted(folder.iterdir())
        if breed.is_dir() and not breed.name.startswith(".")
        for path in sorted(breed.iterdir())
        if path.suffix.lower() in PHOTO_SUFFIXES
    ]
    if not photos:
        raise PhotosError(
            f"Expected photos ({', '.join(sorted(PHOTO_SUFFIXES))}) in {folder}/<breed>/, but found none there. "
            "`manage.py organize` lays photos out so."
        )
    return photos


def photos_by_kind(folder: Path) -> dict[str, list[LabelledPhoto]]:
    """Photos of no breed of ours: by the folder that they lie in, where all folders hold photos of one kind each.

    Folders whose photos lie deeper, and a folder of photos alone, are one kind.

    Raises:
        PhotosError: no photo below the folder.
    """
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PHOTO_SUFFIXES]
    if not found:
        raise PhotosError(f"Expected photos ({', '.join(sorted(PHOTO_SUFFIXES))}) below {folder}, but found none.")
    kinds: dict[str, list[LabelledPhoto]] = {}
    for path in found:
        inside = path.relative_to(folder).parts
        kinds.setdefault(inside[0] if len(inside) > 1 else folder.name, []).append(
            LabelledPhoto(path, path.parent.name)
        )
    return kinds
