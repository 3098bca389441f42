"""The parts of organized data: train, valid and test, and what is taken from the train part for validation."""

from dataclasses import dataclass, field
from pathlib import Path

from trainer.photos.folders import LabelledPhoto, PhotosError, find_photos
from trainer.photos.manifest import listed_photos, read_manifest
from trainer.photos.splits import split_breed

OTHER_BREEDS = "other_breeds"


@dataclass(frozen=True)
class CalibrationPhotos:
    """Photos of the validation part, and photos of dogs of breeds that the network does not know, if there are any."""

    validation: list[LabelledPhoto]
    other_breeds: list[LabelledPhoto] = field(default_factory=list)


def calibration_photos(data: Path, validation_fraction: float, seed: int) -> CalibrationPhotos:
    """The photos that a bundle is calibrated on: the validation part, and those in the folder `other_breeds`.

    Raises:
        PhotosError: see `training_parts`.
    """
    _, validation = training_parts(data, validation_fraction, seed)
    other = data / OTHER_BREEDS
    return CalibrationPhotos(validation, find_photos(other) if other.is_dir() else [])


def photos_of_part(data: Path, part: str) -> list[LabelledPhoto]:
    """The photos of a part (`train`, `valid`, `test`), in order of breed and name.

    They are those that the manifest lists. Data without a manifest have one folder per part, with one folder per breed.

    Raises:
        PhotosError: `data` are not organized, the part has no photos, or a listed photo is missing.
    """
    manifest = read_manifest(data)
    photos = [] if manifest is None else listed_photos(data, manifest, part)
    if not photos and (manifest is not None or not (data / part).is_dir()):
        raise PhotosError(
            f"{data} has no photos for the part {part}. Organized data have train/ and test/ with one folder "
            "per breed: make them with `manage.py organize SOURCE OUT`."
        )
    return photos or find_photos(data / part)


def photos_to_measure(data: Path) -> list[LabelledPhoto]:
    """The photos to measure on: the test part of organized data, and otherwise all photos of a folder of breeds.

    Raises:
        PhotosError: there are none, or a listed photo is missing.
    """
    return find_photos(data) if read_manifest(data) is None else photos_of_part(data, "test")


def training_parts(
    data: Path, validation_fraction: float, seed: int
) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """The photos to train on and the photos to validate on: the same ones for a run and for its bundle.

    A part `valid` is used for validation; without one, a fraction of the train part is.

    Raises:
        PhotosError: `data` are not organized or too small, or a listed photo is missing.
    """
    photos = photos_of_part(data, "train")
    if not _has_part(data, "valid"):
        return carve_validation(photos, validation_fraction, seed)
    validation = photos_of_part(data, "valid")
    unknown = {photo.breed for photo in validation} - {photo.breed for photo in photos}
    if unknown:
        raise PhotosError(
            f"The part valid of {data} has breeds that the train part has not: {', '.join(sorted(unknown))}."
        )
    return photos, validation


def _has_part(data: Path, part: str) -> bool:
    manifest = read_manifest(data)
    return (data / part).is_dir() if manifest is None else bool((manifest["split"] == part).any())


def carve_validation(
    photos: list[LabelledPhoto], fraction: float, seed: int
) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """Takes `fraction` of each breed out of the train part for validation: (to train on, to validate on)."""
    by_breed: dict[str, dict[str, LabelledPhoto]] = {}
    for photo in photos:
        by_breed.setdefault(photo.breed, {})[photo.path.name] = photo
    train, validation = [], []
    for breed, named in sorted(by_breed.items()):
        if len(named) < 2:
            raise PhotosError(f"Training needs at least two photos of every breed; {breed} has {len(named)}.")
        kept, taken = split_breed(list(named), fraction, seed, "validation")
        train += [named[name] for name in kept]
        validation += [named[name] for name in taken]
    return train, validation
