"""The photos that two bundles are compared on."""

from dataclasses import dataclass, field
from pathlib import Path

from dogbreed.errors import DogbreedError
from trainer.photos.folders import LabelledPhoto, photos_by_kind
from trainer.photos.parts import photos_to_measure


class ComparisonError(DogbreedError):
    """Two bundles cannot be compared. The message says why and what to do."""


@dataclass(frozen=True)
class PhotoSets:
    """Photos that neither bundle was trained on.

    Attributes:
        labelled: photos of breeds that a bundle knows, by the name of the set; at least one set.
        not_a_dog: photos without dogs.
        other_breeds: photos of dogs of breeds that neither bundle knows.
    """

    labelled: dict[str, list[LabelledPhoto]]
    not_a_dog: list[LabelledPhoto] = field(default_factory=list)
    other_breeds: list[LabelledPhoto] = field(default_factory=list)


def photo_sets(data: list[Path], not_a_dog: Path | None = None, other_breeds: Path | None = None) -> PhotoSets:
    """The test part of organized data or all photos of a folder of breeds, for each of `data`, and other folders.

    A set has the name of its folder, or its path where two have the same name.

    Raises:
        PhotosError: a folder is missing or has no photos.
        ComparisonError: a folder was named twice.
    """
    folders = [folder.resolve() for folder in data]
    if len(set(folders)) < len(folders):
        raise ComparisonError("A folder of --data was named twice. Name each one once.")
    names = [folder.name for folder in folders]
    unique = len(set(names)) == len(names)
    labelled = {
        name if unique else str(folder): photos_to_measure(folder) for name, folder in zip(names, data, strict=True)
    }
    return PhotoSets(labelled, _all_photos(not_a_dog), _all_photos(other_breeds))


def _all_photos(folder: Path | None) -> list[LabelledPhoto]:
    return [photo for photos in photos_by_kind(folder).values() for photo in photos] if folder else []
