"""The parts of organized data: train, valid and test, and what is taken from the train part to validate on."""

from pathlib import Path

from trainer.photos.folders import LabelledPhoto, PhotosError, find_photos
from trainer.photos.splits import split_breed

MANIFEST_FILE = "manifest.csv"


def part_of(data: Path, part: str) -> Path:
    """The folder of a part (`train`, `test`) of organized data.

    Raises:
        PhotosError: `data` was not written by `manage.py organize`.
    """
    if not (data / part).is_dir():
        raise PhotosError(
            f"Expected {data} to hold train/ and test/ with one folder a breed; there is no {data / part}. "
            "Make it with `manage.py organize SOURCE OUT`."
        )
    return data / part


def test_part_or_all(data: Path) -> Path:
    """What measuring on `data` means: its test part where it was organized, and else all of it."""
    return data / "test" if (data / MANIFEST_FILE).is_file() else data


def training_parts(
    data: Path, validation_fraction: float, seed: int
) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """The photos that a model learns from and those that validate it: the same whenever a run or a bundle asks.

    Data with a part `valid` is validated on that; of other data some of the train part is taken.

    Raises:
        PhotosError: `data` is not organized, or too small.
    """
    photos = find_photos(part_of(data, "train"))
    if (data / "valid").is_dir():
        validation = find_photos(data / "valid")
        unknown = {photo.breed for photo in validation} - {photo.breed for photo in photos}
        if unknown:
            raise PhotosError(
                f"{data / 'valid'} has breeds that are not in the train part: {', '.join(sorted(unknown))}."
            )
        return photos, validation
    return carve_validation(photos, validation_fraction, seed)


def carve_validation(
    photos: list[LabelledPhoto], fraction: float, seed: int
) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """Takes `fraction` of every breed out of the train part, for early stopping: (to train on, to validate on)."""
    by_breed: dict[str, dict[str, LabelledPhoto]] = {}
    for photo in photos:
        by_breed.setdefault(photo.breed, {})[photo.path.name] = photo
    train, validation = [], []
    for breed, named in sorted(by_breed.items()):
        if len(named) < 2:
            raise PhotosError(f"Expected at least two photos of every breed to train on; {breed} has {len(named)}.")
        kept, taken = split_breed(list(named), fraction, seed, "validation")
        train += [named[name] for name in kept]
        validation += [named[name] for name in taken]
    return train, validation
