"""Kaggle's `labels.csv` and `train/` become one folder a breed, split into a train and a test part."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from PIL import Image

from dogbreed.bundle import new_folder, sha256
from trainer.photos import MANIFEST_FILE
from trainer.splits import split_breed

MANIFEST_COLUMNS = ["path", "id", "breed", "split", "sha256"]
Split = str
Progress = Callable[[int, int], None]


class OrganizeError(Exception):
    """The folder does not hold what it should; the message says what was expected, what came, and what to do."""


@dataclass
class Organized:
    """What was written and what was left out, by name."""

    counts: dict[Split, int] = field(default_factory=dict)
    breeds: int = 0
    labels_without_photo: list[str] = field(default_factory=list)
    photos_without_label: list[str] = field(default_factory=list)
    duplicate_ids: list[str] = field(default_factory=list)
    unreadable_photos: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> dict[str, list[str]]:
        return {
            "labels without a photo": self.labels_without_photo,
            "photos without a label": self.photos_without_label,
            "ids that appear more than once": self.duplicate_ids,
            "unreadable photos": self.unreadable_photos,
        }


def organize(
    kaggle_dir: Path, out: Path, test_fraction: float = 0.25, seed: int = 0, progress: Progress | None = None
) -> Organized:
    """Reads Kaggle's layout and writes `out/{train,test}/<breed>/<id>.jpg` and `out/manifest.csv`.

    Photos are hard-linked where the file system allows it and copied elsewhere; the source is never changed.

    Raises:
        OrganizeError: `kaggle_dir` is not laid out as Kaggle ships it, or no photo is left.
        FileExistsError: `out` exists.
    """
    if not 0 < test_fraction < 1:
        raise OrganizeError(f"Expected a test fraction between 0 and 1, such as 0.25; got {test_fraction}.")
    if out.exists():
        raise FileExistsError(f"{out} exists already and is never mixed into. Name another folder, or remove it first.")
    labels = _read_labels(kaggle_dir)
    organized = Organized()
    photos = _usable_photos(labels, kaggle_dir / "train", organized, progress)
    if not photos:
        raise OrganizeError(f"No photo in {kaggle_dir / 'train'} has a label in {kaggle_dir / 'labels.csv'}.")
    with new_folder(out) as unfinished:
        rows = []
        for breed in sorted(set(photos.values())):
            ids = [photo_id for photo_id, its_breed in photos.items() if its_breed == breed]
            train, test = split_breed(ids, test_fraction, seed, "test")
            for split, members in (("train", train), ("test", test)):
                (unfinished / split / breed).mkdir(parents=True)
                rows += [_place(kaggle_dir / "train", unfinished, split, breed, member) for member in members]
        manifest = pd.DataFrame(rows, columns=MANIFEST_COLUMNS)
        manifest.sort_values("path").to_csv(unfinished / MANIFEST_FILE, index=False, lineterminator="\n")
    organized.counts = {str(split): int(n) for split, n in manifest["split"].value_counts().items()}
    organized.breeds = int(manifest["breed"].nunique())
    return organized


def _read_labels(kaggle_dir: Path) -> pd.DataFrame:
    path = kaggle_dir / "labels.csv"
    if not path.is_file() or not (kaggle_dir / "train").is_dir():
        raise OrganizeError(
            f"Expected labels.csv and a folder train/ in {kaggle_dir}, as Kaggle's Dog Breed Identification has them. "
            "Unpack the competition's archive there, or name the folder that holds them."
        )
    try:
        labels = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError as error:
        raise OrganizeError(f"{path} cannot be read as CSV: {error}.") from error
    if not {"id", "breed"} <= set(labels.columns):
        raise OrganizeError(f"Expected the columns id and breed in {path}; it has {', '.join(labels.columns)}.")
    unsafe = [name for name in labels["id"].tolist() + labels["breed"].tolist() if not _is_plain_name(name)]
    if unsafe:
        raise OrganizeError(f"{path} has ids or breeds that cannot name a file: {', '.join(map(repr, unsafe[:5]))}.")
    return labels


def _is_plain_name(name: str) -> bool:
    return bool(name.strip()) and not name.startswith(".") and not set(name) & set("/\\\0")


def _usable_photos(
    labels: pd.DataFrame, photos_dir: Path, organized: Organized, progress: Progress | None
) -> dict[str, str]:
    """Maps the id of every photo that can be used to its breed, and notes the others in `organized`."""
    # An id that comes twice is left out altogether: nobody can say which of its labels is right.
    duplicated = labels["id"].duplicated(keep=False)
    organized.duplicate_ids = sorted(set(labels.loc[duplicated, "id"]))
    on_disk = {path.stem for path in photos_dir.glob("*.jpg")}
    organized.photos_without_label = sorted(on_disk - set(labels["id"]))
    usable = {}
    kept = labels[~duplicated].sort_values("id")
    for done, (photo_id, breed) in enumerate(zip(kept["id"], kept["breed"], strict=True), start=1):
        if photo_id not in on_disk:
            organized.labels_without_photo.append(photo_id)
        elif not _is_readable(photos_dir / f"{photo_id}.jpg"):
            organized.unreadable_photos.append(photo_id)
        else:
            usable[photo_id] = breed
        if progress:
            progress(done, len(kept))
    return usable


def _is_readable(path: Path) -> bool:
    """Whether the whole photo can be decoded; a header alone proves nothing about a truncated file."""
    try:
        with Image.open(path) as photo:
            photo.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def _place(source: Path, out: Path, split: Split, breed: str, photo_id: str) -> tuple[str, str, str, Split, str]:
    relative = f"{split}/{breed}/{photo_id}.jpg"
    photo = source / f"{photo_id}.jpg"
    try:
        os.link(photo.resolve(), out / relative)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(photo, out / relative)
    return relative, photo_id, breed, split, sha256(out / relative)
