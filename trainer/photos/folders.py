"""Folders of labelled photos, one folder per breed."""

from dataclasses import dataclass
from pathlib import Path

from dogbreed.errors import DogbreedError
from dogbreed.photos.formats import EXTENSIONS

PHOTO_SUFFIXES = set(EXTENSIONS)


class PhotosError(DogbreedError):
    """A folder of photos is missing, empty or laid out in another way. The message says what to do."""


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo's file and its breed; where organized data combine several sources, its source and its weight."""

    path: Path
    breed: str
    source: str = ""
    weight: float = 1.0  # of the photo in the training loss, above 0


def find_photos(folder: Path) -> list[LabelledPhoto]:
    """All photos of a folder with one folder per breed, sorted by breed and name.

    Raises:
        PhotosError: there is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise PhotosError(f"There is no folder {folder}. Name a folder with one folder of photos per breed.")
    photos = [
        LabelledPhoto(path, breed.name)
        for breed in sorted(folder.iterdir())
        if breed.is_dir() and not breed.name.startswith(".")
        for path in sorted(breed.iterdir())
        if path.suffix.lower() in PHOTO_SUFFIXES
    ]
    if not photos:
        raise PhotosError(
            f"There are no photos ({', '.join(sorted(PHOTO_SUFFIXES))}) in {folder}/<breed>/. "
            "`manage.py organize` makes this layout."
        )
    return photos


def photos_by_kind(folder: Path) -> dict[str, list[LabelledPhoto]]:
    """Photos that show none of the model's breeds, by kind: the first folder below `folder` names the kind.

    Photos directly in `folder` are of one kind with its own name.

    Raises:
        PhotosError: there is no photo below the folder.
    """
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PHOTO_SUFFIXES]
    if not found:
        raise PhotosError(f"There are no photos ({', '.join(sorted(PHOTO_SUFFIXES))}) below {folder}.")
    kinds: dict[str, list[LabelledPhoto]] = {}
    for path in found:
        inside = path.relative_to(folder).parts
        kinds.setdefault(inside[0] if len(inside) > 1 else folder.name, []).append(
            LabelledPhoto(path, path.parent.name)
        )
    return kinds
