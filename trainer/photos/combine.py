"""Combines several sources of labelled photos into one set, whose test part is that of the first source alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dogbreed.errors import AlreadyExistsError
from trainer.files import new_folder
from trainer.photos.data_file import DataFile, Source, read_data_file
from trainer.photos.folders import LabelledPhoto, PhotosError, find_photos
from trainer.photos.inspection import PhotoFacts, Unreadable
from trainer.photos.layouts import SourcePhoto, read_layout
from trainer.photos.manifest import MANIFEST_FILE, WEIGHT_COLUMN
from trainer.photos.organize import (
    MANIFEST_COLUMNS,
    Link,
    Organized,
    divide,
    inspect_photos,
    near_duplicate_groups,
    place,
    unique_paths,
)
from trainer.photos.parts import OTHER_BREEDS
from trainer.photos.splits import TRAIN, rank, split_breed
from trainer.progress import ProgressBar, silent

VALID, TEST, LEFT_OUT = "valid", "test", ""
NEAR_TEST = "near-duplicates of a photo of the test part"


@dataclass
class _Row:
    """A readable photo of a source. `planned` is its part before near-duplicates are considered."""

    photo: SourcePhoto
    facts: PhotoFacts
    source: Source
    origin: str
    planned: str = TRAIN
    part: str = TRAIN


def organize_sources(
    data_file: Path, out: Path, seed: int = 0, link: Link = "hard", progress: ProgressBar = silent
) -> Organized:
    """Writes `out/<part>/<breed>/<photo>`, and `out/manifest.csv` with the source, origin and weight of each photo.

    The test part is the one that `organize` would make of the first source alone. Near-duplicates are never in two
    parts: those of a test photo are left out, and validation photos that resemble a training photo become training
    photos.

    Raises:
        PhotosError: the data file is not valid, or a source has no readable labelled photos.
        AlreadyExistsError: `out` exists.
    """
    if out.exists():
        raise AlreadyExistsError(f"{out} exists already and is not overwritten. Name another folder, or remove it.")
    data = read_data_file(data_file)
    organized = Organized(f"{len(data.sources)} sources")
    rows = [row for source in data.sources for row in _rows_of(source, seed, organized, progress)]
    others = _other_breeds(data, rows, organized, progress)
    _plan(rows, data, seed)
    groups = near_duplicate_groups([row.facts for row in rows])
    organized.groups = len(groups)
    organized.crossing = sum(len({rows[position].planned for position in group}) > 1 for group in groups)
    _keep_apart(rows, groups, organized)
    _count(rows, organized)
    with new_folder(out) as unfinished:
        _write(rows, groups, unfinished, link)
        for photo in others:
            place(photo.path, unfinished / OTHER_BREEDS / photo.breed / photo.path.name, link)
    return organized


def _rows_of(source: Source, seed: int, organized: Organized, progress: ProgressBar) -> Iterator[_Row]:
    """The readable photos of a source, in order of breed and id, at most `cap` of each breed."""
    if not source.path.is_dir():
        raise PhotosError(f"Source {source.name}: there is no folder {source.path}.")
    try:
        layout = read_layout(source.path)
    except PhotosError as error:
        raise PhotosError(f"Source {source.name}: {error}") from error
    origin_of = source.origin_of()
    photos = _capped(layout.photos, source.cap, seed)
    results = list(zip(photos, inspect_photos([photo.path for photo in photos], progress), strict=True))
    unreadable = [photo.id for photo, result in results if isinstance(result, Unreadable)]
    if len(unreadable) == len(photos):
        raise PhotosError(f"Source {source.name}: none of the {len(photos)} photos in {source.path} can be read.")
    left_out = {**layout.left_out, "unreadable photos": unreadable}
    organized.left_out |= {f"{source.name}, {reason}": names for reason, names in left_out.items()}
    for photo, result in results:
        if not isinstance(result, Unreadable):
            origin = origin_of.get(f"{photo.path.parent.name}/{photo.path.name}", "")
            yield _Row(photo, result, source, origin)


def _other_breeds(data: DataFile, rows: list[_Row], organized: Organized, progress: ProgressBar) -> list[LabelledPhoto]:
    """The readable photos of other breeds.

    Raises:
        PhotosError: a folder has the name of a breed of the sources.
    """
    if data.other_breeds is None:
        return []
    photos = find_photos(data.other_breeds)
    shared = {photo.breed for photo in photos} & {row.photo.breed for row in rows}
    if shared:
        raise PhotosError(
            f"{data.other_breeds} has folders of breeds that are in the sources too: {', '.join(sorted(shared))}. "
            "Remove these folders."
        )
    results = inspect_photos([photo.path for photo in photos], progress)
    unreadable = {photo for photo, result in zip(photos, results, strict=True) if isinstance(result, Unreadable)}
    organized.left_out["other breeds, unreadable photos"] = [photo.path.name for photo in unreadable]
    return [photo for photo in photos if photo not in unreadable]


def _capped(photos: list[SourcePhoto], cap: int | None, seed: int) -> list[SourcePhoto]:
    """At most `cap` photos of each breed, in the order of `photos`, chosen by the seed and their ids."""
    if cap is None:
        return photos
    chosen: dict[str, list[int]] = {}
    for position in sorted(range(len(photos)), key=lambda position: rank(seed, "cap", photos[position].id)):
        chosen.setdefault(photos[position].breed, []).append(position)
    return [photos[position] for position in sorted(p for members in chosen.values() for p in members[:cap])]


def _plan(rows: list[_Row], data: DataFile, seed: int) -> None:
    """Divides the first source as `organize` does, and takes each source's validation photos out of the rest."""
    first = [row for row in rows if row.source is data.sources[0]]
    split = {TRAIN: 1 - data.test, TEST: data.test}
    division = divide([row.photo for row in first], [row.facts for row in first], split, seed)
    for row, planned, part in zip(first, division.alone, division.together, strict=True):
        row.planned, row.part = planned, part
    for source in data.sources:
        has_validation = source is data.sources[0] and VALID in division.parts
        if source.held_out and not has_validation:
            mine = [row for row in rows if row.source is source and row.part == TRAIN]
            for row in _held_out(mine, source, seed):
                row.planned = row.part = VALID


def _held_out(rows: list[_Row], source: Source, seed: int) -> Iterator[_Row]:
    if source.origins is None:
        yield from _held_out_photos(rows, source.held_out, seed)
        return
    by_origin: dict[str, list[_Row]] = {}
    for row in rows:
        by_origin.setdefault(row.origin, []).append(row)
    wanted, held = source.held_out * len(rows), 0
    for origin in sorted(by_origin, key=lambda origin: rank(seed, "held-out source", origin)):
        # A larger origin would dominate the validation loss.
        if held < wanted and len(by_origin[origin]) <= wanted / 2:
            held += len(by_origin[origin])
            yield from by_origin[origin]


def _held_out_photos(rows: list[_Row], fraction: float, seed: int) -> Iterator[_Row]:
    """The share of each breed that training would take for validation from the organized photos, by the same names."""
    by_breed: dict[str, dict[str, _Row]] = {}
    for row in rows:
        by_breed.setdefault(row.photo.breed, {})[row.photo.path.name] = row
    for named in by_breed.values():
        if len(named) > 1:
            yield from (named[name] for name in split_breed(list(named), fraction, seed, "validation")[1])


def _keep_apart(rows: list[_Row], groups: Sequence[Sequence[int]], organized: Organized) -> None:
    """Leaves out photos that resemble a test photo, and moves validation photos that must be trained on."""
    together = [[rows[position] for position in group] for group in groups]
    near = [row for group in together if any(r.part == TEST for r in group) for row in group if row.part != TEST]
    for row in near:
        row.part = LEFT_OUT
    organized.left_out[NEAR_TEST] = [row.photo.id for row in near]
    trained = {row.photo.breed for row in rows if row.part == TRAIN}
    for row in rows:
        if row.part == VALID and row.photo.breed not in trained:  # all photos of a breed came from origins held out
            row.part = TRAIN
    for group in together:
        if any(row.part == TRAIN for row in group):
            for row in group:
                row.part = TRAIN
    organized.moved = sum(row.part not in (row.planned, LEFT_OUT) for row in rows)


def _count(rows: list[_Row], organized: Organized) -> None:
    parts = [row.part for row in rows]
    organized.counts = {part: parts.count(part) for part in (TRAIN, VALID, TEST) if part in parts}
    breeds = {row.photo.breed for row in rows if row.part}
    organized.breeds = len(breeds)
    organized.untested = sorted(breeds - {row.photo.breed for row in rows if row.part in (VALID, TEST)})


def _write(rows: list[_Row], groups: Sequence[Sequence[int]], out: Path, link: Link) -> None:
    group_of = {position: number for number, group in enumerate(groups, start=1) for position in group}
    used = [(row, group_of.get(position, "")) for position, row in enumerate(rows) if row.part != LEFT_OUT]
    paths = list(unique_paths([row.photo for row, _ in used], [row.part for row, _ in used]))
    columns = [*MANIFEST_COLUMNS, "source", "origin", WEIGHT_COLUMN]
    lines = [
        (path, row.photo.id, row.photo.breed, row.part, row.facts.sha256, group,
         row.planned if row.planned != row.part else "", row.source.name, row.origin, row.source.weight)
        for (row, group), path in zip(used, paths, strict=True)
    ]  # fmt: skip
    for (row, _), path in zip(used, paths, strict=True):
        place(row.photo.path, out / path, link)
    table = pd.DataFrame(lines, columns=columns).sort_values("path")
    table.to_csv(out / MANIFEST_FILE, index=False, lineterminator="\n")
