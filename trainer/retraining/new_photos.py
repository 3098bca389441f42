"""New photos, such as corrections: which are used, and which are left out for which reason."""

import csv
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dogbreed.exported_corrections import BREEDS, NOT_A_DOG, OTHER_BREEDS, WITHDRAWN_FILE
from trainer.photos.folders import PhotosError
from trainer.photos.inspection import PhotoFacts, Unreadable
from trainer.photos.layouts import SourcePhoto, read_layout
from trainer.photos.manifest import manifest_digest
from trainer.photos.organize import inspect_photos
from trainer.photos.splits import rank
from trainer.progress import ProgressBar, silent

# Labels become names of folders and of classes: word characters, and what the names of breeds have between them.
LABEL = re.compile(r"\w[\w.,'\u2019()&-]{0,99}")
SHOWN = 3


@dataclass(frozen=True)
class ReadPhoto:
    """A photo that can be read, its measurements, and the source that its manifest names."""

    photo: SourcePhoto
    facts: PhotoFacts
    source: str = ""
    weight: float = 1.0


@dataclass
class NewPhotos:
    """The new photos in order of breed and digest, their digests by folder, and the names of what was left out.

    `withdrawn` are the names of files of earlier exports whose visitors have deleted them.
    """

    photos: list[ReadPhoto]
    digests: list[str]
    left_out: dict[str, list[str]] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)


def read_new_photos(
    folders: Sequence[Path], known: set[str], least: int, cap: int | None, progress: ProgressBar = silent
) -> NewPhotos:
    """Reads exports of corrections, and folders of labelled photos in any layout that `manage.py organize` takes.

    Args:
        known: the breeds of the bundle.
        least: a breed that the bundle does not know needs so many photos.
        cap: the largest number of photos of a breed.

    Raises:
        PhotosError: a folder is missing, has no photo that can be used, or has a label that cannot name a breed.
    """
    left_out: dict[str, list[str]] = {}
    read: list[ReadPhoto] = []
    digests = []
    for folder in folders:
        found = _read_folder(folder, left_out, progress)
        digests.append(manifest_digest(folder) or _digest_of(found))
        read += found
    photos = _each_once(read, left_out)
    photos = _without_rare_breeds(photos, known, least, left_out)
    withdrawn = {name for folder in folders for name in _withdrawn(folder)}
    return NewPhotos(_capped(photos, cap, left_out), digests, left_out, withdrawn)


def _read_folder(folder: Path, left_out: dict[str, list[str]], progress: ProgressBar) -> list[ReadPhoto]:
    if not folder.is_dir():
        raise PhotosError(f"There is no folder {folder}. Give --new a folder with one folder of photos per breed.")
    photos = _labelled(folder, left_out)
    refused = sorted({photo.breed for photo in photos if not LABEL.fullmatch(photo.breed)})
    if refused:
        raise PhotosError(
            f"{folder} has labels that cannot name a breed: {', '.join(map(ascii, refused[:SHOWN]))}. A label has up "
            "to 100 letters, digits and _ . , ' ( ) & -. Rename or remove these folders."
        )
    results = inspect_photos([photo.path for photo in photos], progress)
    unreadable = [str(p.path) for p, result in zip(photos, results, strict=True) if isinstance(result, Unreadable)]
    if len(unreadable) == len(photos):
        raise PhotosError(f"None of the {len(photos)} photos in {folder} can be read.")
    left_out.setdefault("they cannot be read", []).extend(unreadable)
    return [ReadPhoto(p, r) for p, r in zip(photos, results, strict=True) if isinstance(r, PhotoFacts)]


def _labelled(folder: Path, left_out: dict[str, list[str]]) -> list[SourcePhoto]:
    exported = [folder / name for name in (BREEDS, OTHER_BREEDS) if (folder / name).is_dir()]
    photos = [photo for part in exported or [folder] for photo in read_layout(part).photos]
    no_dogs = [str(photo.path) for photo in photos if photo.breed == NOT_A_DOG]
    if (folder / NOT_A_DOG).is_dir() and exported:
        no_dogs += [str(path) for path in sorted((folder / NOT_A_DOG).iterdir())]
    left_out.setdefault("they show no dog", []).extend(no_dogs)
    return [photo for photo in photos if photo.breed != NOT_A_DOG]


def _withdrawn(folder: Path) -> Iterable[str]:
    if not (folder / WITHDRAWN_FILE).is_file():
        return []
    try:
        with (folder / WITHDRAWN_FILE).open(encoding="utf-8", newline="") as file:
            return [Path(row["path"]).name for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise PhotosError(f"{folder / WITHDRAWN_FILE} cannot be read. Export the corrections again.") from error


def _digest_of(photos: Iterable[ReadPhoto]) -> str:
    lines = sorted(f"{each.facts.sha256}  {each.photo.breed}\n" for each in photos)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _each_once(read: list[ReadPhoto], left_out: dict[str, list[str]]) -> list[ReadPhoto]:
    """The same file counts once. If it has several labels, nothing says which of them is right."""
    by_digest: dict[str, list[ReadPhoto]] = {}
    for each in read:
        by_digest.setdefault(each.facts.sha256, []).append(each)
    contradictory = {digest for digest, same in by_digest.items() if len({each.photo.breed for each in same}) > 1}
    left_out["the same file has several labels"] = [
        str(each.photo.path) for digest in sorted(contradictory) for each in by_digest[digest]
    ]
    left_out["the same file is there already"] = [
        str(each.photo.path) for digest, same in by_digest.items() if digest not in contradictory for each in same[1:]
    ]
    once = [same[0] for digest, same in by_digest.items() if digest not in contradictory]
    return sorted(once, key=lambda each: (each.photo.breed, each.facts.sha256))


def _without_rare_breeds(
    photos: list[ReadPhoto], known: set[str], least: int, left_out: dict[str, list[str]]
) -> list[ReadPhoto]:
    """Without breeds that the bundle does not know and that have few photos: one wrong label must not add a breed."""
    breeds = [each.photo.breed for each in photos]
    rare = {breed for breed in set(breeds) - known if breeds.count(breed) < least}
    name = f"the model does not know the breed, and there are fewer than {least} photos of it"
    left_out[name] = [str(each.photo.path) for each in photos if each.photo.breed in rare]
    return [each for each in photos if each.photo.breed not in rare]


def _capped(photos: list[ReadPhoto], cap: int | None, left_out: dict[str, list[str]]) -> list[ReadPhoto]:
    if cap is None:
        return photos
    by_breed: dict[str, list[ReadPhoto]] = {}
    for each in photos:
        by_breed.setdefault(each.photo.breed, []).append(each)
    kept, more = [], []
    for of_breed in by_breed.values():
        ordered = sorted(of_breed, key=lambda each: rank(0, "cap", each.facts.sha256))
        kept += ordered[:cap]
        more += ordered[cap:]
    left_out[f"there are more than {cap} photos of the breed"] = [str(each.photo.path) for each in more]
    return sorted(kept, key=lambda each: (each.photo.breed, each.facts.sha256))
