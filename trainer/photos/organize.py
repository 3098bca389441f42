"""Sorts labelled photos of any layout into `<part>/<breed>/<photo>` so that no two parts share a scene."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from dogbreed.errors import AlreadyExistsError
from trainer.files import new_folder
from trainer.parallel import in_parallel
from trainer.photos.folders import PhotosError
from trainer.photos.inspection import PhotoFacts, Unreadable, inspect
from trainer.photos.layouts import SourcePhoto, read_layout
from trainer.photos.manifest import MANIFEST_FILE
from trainer.photos.near_duplicates import SAME_SCENE, duplicate_groups
from trainer.photos.splits import TRAIN, keep_together, split_photos
from trainer.progress import ProgressBar, silent

MANIFEST_COLUMNS = ["path", "id", "breed", "split", "sha256", "group", "moved_from"]
DEFAULT_SPLIT = {TRAIN: 0.75, "test": 0.25}
Link = Literal["hard", "symbolic", "copy"]


@dataclass
class Organized:
    """What was written, which names were left out and why, and what the near-duplicates changed."""

    layout: str
    counts: dict[str, int] = field(default_factory=dict)
    breeds: int = 0
    left_out: dict[str, list[str]] = field(default_factory=dict)
    groups: int = 0  # of near-duplicates
    crossing: int = 0  # groups that the split had divided
    moved: int = 0  # photos that changed parts because of that
    untested: list[str] = field(default_factory=list)  # breeds without a photo outside the train part


@dataclass(frozen=True)
class Division:
    """The part of each photo, before and after groups of near-duplicates (positions of photos) were kept together."""

    parts: list[str]
    alone: list[str]
    together: list[str]
    groups: list[list[int]]


def organize(
    source: Path,
    out: Path,
    split: Mapping[str, float] = DEFAULT_SPLIT,
    seed: int = 0,
    link: Link = "hard",
    progress: ProgressBar = silent,
) -> Organized:
    """Reads any of the layouts and writes `out/<part>/<breed>/<photo>` and `out/manifest.csv`.

    A source that is already split keeps its parts. Near-duplicates in several parts move to the train part. Where the
    file system has no hard links, photos are copied. The source is never changed.

    Raises:
        PhotosError: `source` has no readable labelled photos.
        AlreadyExistsError: `out` exists.
    """
    if out.exists():
        raise AlreadyExistsError(f"{out} exists already and is not overwritten. Name another folder, or remove it.")
    if not source.is_dir():
        raise PhotosError(f"There is no folder {source}. Name a folder of labelled photos.")
    layout = read_layout(source)
    organized = Organized(layout.name, left_out=layout.left_out)
    photos, facts = _readable(layout.photos, organized, progress)
    if not photos:
        raise PhotosError(f"None of the {len(layout.photos)} photos in {source} can be read.")
    rows = _assign(photos, facts, split, seed, organized)
    with new_folder(out) as unfinished:
        for photo, path in zip(photos, rows["path"], strict=True):
            place(photo.path, unfinished / path, link)
        rows.sort_values("path").to_csv(unfinished / MANIFEST_FILE, index=False, lineterminator="\n")
    return organized


def _readable(
    photos: list[SourcePhoto], organized: Organized, progress: ProgressBar
) -> tuple[list[SourcePhoto], list[PhotoFacts]]:
    kept, facts, unreadable = [], [], []
    for photo, result in zip(photos, inspect_photos([photo.path for photo in photos], progress), strict=True):
        if isinstance(result, Unreadable):
            unreadable.append(photo.id)
        else:
            kept.append(photo)
            facts.append(result)
    organized.left_out = {**organized.left_out, "unreadable photos": unreadable}
    return kept, facts


def inspect_photos(photos: Sequence[Path], progress: ProgressBar = silent) -> list[PhotoFacts | Unreadable]:
    """Reads all photos, in parallel; the results are in the order of `photos`."""
    with progress("Reading photos") as reading:
        return list(in_parallel(inspect, photos, reading))


def divide(
    photos: Sequence[SourcePhoto], facts: Sequence[PhotoFacts], split: Mapping[str, float], seed: int
) -> Division:
    """Divides photos into the parts of `split`, or into those that they have already."""
    given = [photo.part for photo in photos if photo.part]
    parts = sorted(set(given), key=lambda part: (part != TRAIN, part)) if given else list(split)
    alone = given or split_photos([(photo.breed, photo.id) for photo in photos], split, seed)
    groups = near_duplicate_groups(facts)
    together = keep_together(alone, [photo.breed for photo in photos], groups, parts, fill_up=not given)
    return Division(parts, alone, together, groups)


def near_duplicate_groups(facts: Sequence[PhotoFacts]) -> list[list[int]]:
    """Positions of photos that must be in one part, because they show the same scene."""
    return duplicate_groups([f.sha256 for f in facts], [f.fingerprint for f in facts], SAME_SCENE)


def _assign(
    photos: list[SourcePhoto], facts: list[PhotoFacts], split: Mapping[str, float], seed: int, organized: Organized
) -> pd.DataFrame:
    """One row per photo, in the order of `photos`: its new path, its part and its group of near-duplicates."""
    division = divide(photos, facts, split, seed)
    parts, alone, together, groups = division.parts, division.alone, division.together, division.groups
    breeds = [photo.breed for photo in photos]
    group_of = {position: number for number, group in enumerate(groups, start=1) for position in group}
    rows = pd.DataFrame(
        {
            "path": list(unique_paths(photos, together)),
            "id": [photo.id for photo in photos],
            "breed": breeds,
            "split": together,
            "sha256": [f.sha256 for f in facts],
            "group": [group_of.get(position, "") for position in range(len(photos))],
            "moved_from": [was if was != now else "" for was, now in zip(alone, together, strict=True)],
        },
        columns=MANIFEST_COLUMNS,
    )
    organized.groups = len(groups)
    organized.crossing = sum(len({alone[position] for position in group}) > 1 for group in groups)
    organized.moved = sum(was != now for was, now in zip(alone, together, strict=True))
    organized.counts = {part: together.count(part) for part in parts}
    organized.breeds = len(set(breeds))
    tested = {breed for breed, part in zip(breeds, together, strict=True) if part != parts[0]}
    organized.untested = sorted(set(breeds) - tested)
    return rows


def unique_paths(photos: Sequence[SourcePhoto], parts: Sequence[str]) -> Iterator[str]:
    """The new path of each photo; if two folders of one breed have a photo of one name, the second gets a number."""
    taken: set[str] = set()
    for photo, part in zip(photos, parts, strict=True):
        path, number = f"{part}/{photo.breed}/{photo.path.name}", 2
        while path in taken:
            path, number = f"{part}/{photo.breed}/{photo.path.stem}-{number}{photo.path.suffix}", number + 1
        taken.add(path)
        yield path


def place(photo: Path, path: Path, link: Link) -> None:
    """Links or copies a photo to `path`. Where the file system has no hard links, it is copied."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if link == "symbolic":
        path.symlink_to(photo.resolve())
        return
    try:
        if link == "hard":
            os.link(photo.resolve(), path)
            return
    except OSError:  # another file system, or one without hard links
        pass
    shutil.copyfile(photo, path)
