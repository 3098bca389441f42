"""Folders of labelled photos: one folder a breed. Found, split, and the same for training and measuring."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from dogbreed.bundle import BundleConfig
from dogbreed.decoding import open_photo
from dogbreed.preprocessing import sufficient_side
from trainer.recipe import Recipe
from trainer.splits import split_breed

MANIFEST_FILE = "manifest.csv"
MAX_PIXELS = 200_000_000  # a practitioner's own photos may be large; a visitor's limit is the API's business
PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif"}


class PhotosError(Exception):
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


def read_photo(path: Path, config: BundleConfig) -> Image.Image:
    """Opens a photo exactly as the API does for a model of this configuration.

    Raises:
        PhotoError: the file is no photo.
    """
    return open_photo(path.read_bytes(), MAX_PIXELS, sufficient_side(config)).image


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


def training_parts(config: BundleConfig, data: Path) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """The photos that a model learns from and those that validate it: the same whenever a run or a bundle asks.

    Data with a part `valid` is validated on that; of other data some of the train part is taken.

    Raises:
        PhotosError: `data` is not organized, or too small.
    """
    recipe = Recipe.model_validate(config.provenance.recipe)
    photos = find_photos(part_of(data, "train"))
    if (data / "valid").is_dir():
        validation = find_photos(data / "valid")
        unknown = {photo.breed for photo in validation} - {photo.breed for photo in photos}
        if unknown:
            raise PhotosError(
                f"{data / 'valid'} has breeds that are not in the train part: {', '.join(sorted(unknown))}."
            )
        return photos, validation
    return carve_validation(photos, recipe.training.validation_fraction, config.provenance.seed)


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
