"""The layouts of labelled photos: Kaggle's labels.csv and train/, one folder per breed, or folders per part."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dogbreed.answers.breeds import catalogue
from trainer.photos.folders import PHOTO_SUFFIXES, PhotosError

PARTS = {"train": "train", "valid": "valid", "validation": "valid", "val": "valid", "test": "test"}
LABELS_FILE = "labels.csv"
NUMBERED = re.compile(r"^(\d+\.|n\d{8}-)")  # of Udacity ("001.Affenpinscher") and Stanford ("n02085620-Chihuahua")


@dataclass(frozen=True)
class SourcePhoto:
    """`id` is unique within its breed; `part` is None if the folder is not split yet."""

    path: Path
    id: str
    breed: str
    part: str | None = None


@dataclass
class Layout:
    """The photos of a folder, sorted by breed and id, and the names that were left out, by reason."""

    name: str
    photos: list[SourcePhoto]
    left_out: dict[str, list[str]] = field(default_factory=dict)


def read_layout(folder: Path) -> Layout:
    """Recognises the layout of a folder and lists its photos without opening them.

    Raises:
        PhotosError: the folder has none of the layouts, or no photos.
    """
    if (folder / LABELS_FILE).is_file() and (folder / "train").is_dir():
        layout = _read_kaggle(folder)
    elif parts := _split_parts(folder):
        layout = _read_parts(parts)
    else:
        layout = Layout("one folder per breed", _read_breeds(folder, None))
    if not layout.photos:
        raise PhotosError(
            f"There are no labelled photos in {folder}. It needs labels.csv and a folder train/, like Kaggle's Dog "
            "Breed Identification; or one folder per breed; or train/, valid/ and test/ with one folder per breed each."
        )
    layout.photos.sort(key=lambda photo: (photo.breed, photo.id, str(photo.path)))
    return layout


def breed_label(name: str) -> str:
    """The label of a breed's folder: its name without numbering and white space, or the catalogue's id for it."""
    plain = NUMBERED.sub("", name.strip())
    if plain in catalogue():
        return plain
    label = re.sub(r"[\s_]+", "_", plain).lower()
    return _known_names().get(label, label)


def _known_names() -> dict[str, str]:
    return {
        name.lower().replace(" ", "_"): breed.id
        for breed in catalogue().values()
        for name in (*breed.aliases, breed.name, breed.id)
    }


def _split_parts(folder: Path) -> dict[str, Path]:
    """The folders of a split by part, if all folders are parts; otherwise nothing."""
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    if not found or any(path.name.lower() not in PARTS for path in found):
        return {}
    return {PARTS[path.name.lower()]: path for path in found}


def _read_parts(parts: dict[str, Path]) -> Layout:
    photos = [photo for part, folder in parts.items() for photo in _read_breeds(folder, part)]
    return Layout("already split", photos)


def _read_breeds(folder: Path, part: str | None) -> list[SourcePhoto]:
    by_breed: dict[str, list[Path]] = {}
    for breed in sorted(folder.iterdir()):
        if breed.is_dir() and not breed.name.startswith("."):
            files = [path for path in sorted(breed.iterdir()) if path.suffix.lower() in PHOTO_SUFFIXES]
            by_breed.setdefault(breed_label(breed.name), []).extend(files)
    photos: list[SourcePhoto] = []
    for label, files in by_breed.items():
        stems = pd.Series([path.stem for path in files])
        ambiguous = set(stems[stems.duplicated()])
        ids = [path.name if path.stem in ambiguous else path.stem for path in files]
        photos += [SourcePhoto(path, photo_id, label, part) for path, photo_id in zip(files, ids, strict=True)]
    return photos


def _read_kaggle(folder: Path) -> Layout:
    labels = _read_labels(folder / LABELS_FILE)
    # An id that appears twice is left out: nothing says which of its labels is right.
    duplicated = labels["id"].duplicated(keep=False)
    kept = dict(zip(labels.loc[~duplicated, "id"], labels.loc[~duplicated, "breed"], strict=True))
    on_disk = {path.stem: path for path in (folder / "train").glob("*.jpg")}
    return Layout(
        "Kaggle's",
        [SourcePhoto(on_disk[photo_id], photo_id, breed) for photo_id, breed in kept.items() if photo_id in on_disk],
        {
            "labels without a photo": sorted(kept.keys() - on_disk.keys()),
            "photos without a label": sorted(on_disk.keys() - set(labels["id"])),
            "ids that appear more than once": sorted(set(labels.loc[duplicated, "id"])),
        },
    )


def _read_labels(path: Path) -> pd.DataFrame:
    try:
        labels = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError as error:
        raise PhotosError(f"{path} cannot be read as CSV: {error}.") from error
    if not {"id", "breed"} <= set(labels.columns):
        raise PhotosError(f"{path} needs the columns id and breed, but has {', '.join(labels.columns)}.")
    unsafe = [name for name in labels["id"].tolist() + labels["breed"].tolist() if not is_plain_name(name)]
    if unsafe:
        raise PhotosError(f"{path} has ids or breeds that cannot name a file: {', '.join(map(repr, unsafe[:5]))}.")
    return labels


def is_plain_name(name: str) -> bool:
    """Whether a name can be used for a file or folder without leading to another folder."""
    return bool(name.strip()) and not name.startswith(".") and not set(name) & set("/\\\0")
