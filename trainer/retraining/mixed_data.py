"""Old photos and new ones as organized data, with the test part of the old ones alone."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dogbreed.strict_model import StrictModel
from trainer.photos.folders import LabelledPhoto, PhotosError, find_photos
from trainer.photos.inspection import Unreadable
from trainer.photos.layouts import SourcePhoto
from trainer.photos.manifest import MANIFEST_FILE, WEIGHT_COLUMN, read_manifest
from trainer.photos.organize import MANIFEST_COLUMNS, inspect_photos, near_duplicate_groups, place, unique_paths
from trainer.photos.parts import OTHER_BREEDS, photos_of_part, training_parts
from trainer.photos.splits import TRAIN, rank
from trainer.progress import ProgressBar, silent
from trainer.retraining.new_photos import NewPhotos, ReadPhoto

VALID, TEST, LEFT_OUT = "valid", "test", ""
NEW = "new"  # new photos that are held out, to measure the new kind of photo
SPARE = "spare"  # old photos that are not replayed; a later retraining may replay them
CORRECTIONS = "corrections"  # the name of the source of new photos
VALIDATION_SHARE = 0.1  # of the new photos that are not held out
NEAR_TEST = "they are near-duplicates of a test photo"
KNOWN_ALREADY = "the same file is among the old photos"
HASHES = 16**64  # as many as `rank` has


class Mix(StrictModel):
    """How old and new photos are mixed.

    Attributes:
        replay: old photos to train on for each new one; None for all.
        weight: of each new photo in the training loss; that of old ones is in their manifest, or 1.
        cap: the largest number of new photos of a breed.
        held_out: the share of the new photos that only measures.
        least: a breed that the bundle does not know needs so many photos.
    """

    replay: float | None = None
    weight: float = 1.0
    cap: int | None = None
    held_out: float = 0.25
    least: int = 5
    seed: int = 0


@dataclass
class _Row:
    read: ReadPhoto
    part: str
    is_new: bool = False
    group: int | str = ""


@dataclass
class MixedData:
    """What was mixed: the number of photos by part, and the names of the photos that were left out, by reason."""

    old: dict[str, int] = field(default_factory=dict)
    new: dict[str, int] = field(default_factory=dict)
    new_breeds: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def mix_photos(
    data: Path,
    new: NewPhotos,
    mix: Mix,
    validation: tuple[float, int],
    out: Path,
    progress: ProgressBar = silent,
) -> MixedData:
    """Writes `out/<part>/<breed>/<photo>` and `out/manifest.csv`.

    The test part is exactly that of `data`, and what validated the old training validates the new one. New photos that
    resemble a test photo are left out. Those that resemble another old photo go to its part.

    Args:
        data: the organized photos that the bundle was trained on.
        validation: the share of the train part that validated that training, and its seed.

    Raises:
        PhotosError: `data` is not organized, or no new photo is left to train on.
    """
    mixed = MixedData(left_out=dict(new.left_out))
    rows = _still_valid(_old_rows(data, validation, progress), new, mixed)
    rows += [_Row(each, "", is_new=True) for each in new.photos]
    known = {row.read.photo.breed for row in rows if not row.is_new and row.part == TRAIN}
    _place_new(rows, known, mix, mixed)
    _leave_out_untrained(rows, mixed)
    trained = [row for row in rows if row.is_new and row.part == TRAIN]
    if not trained:
        raise PhotosError(_nothing_new(mixed))
    _replay(rows, len(trained), mix)
    mixed.new_breeds = sorted({row.read.photo.breed for row in trained} - known)
    for row in rows:
        counts = mixed.new if row.is_new else mixed.old
        if row.part:
            counts[row.part] = counts.get(row.part, 0) + 1
    _write(rows, mix, out)
    if (data / OTHER_BREEDS).is_dir():
        _link_other_breeds(data / OTHER_BREEDS, set(mixed.new_breeds), out / OTHER_BREEDS)
    return mixed


def _old_rows(data: Path, validation: tuple[float, int], progress: ProgressBar) -> Iterator[_Row]:
    train, valid = training_parts(data, *validation)
    parts = {TRAIN: train, VALID: valid, TEST: photos_of_part(data, TEST)}
    manifest = read_manifest(data)
    for part in (SPARE, NEW):  # of an earlier retraining
        if manifest is not None and bool((manifest["split"] == part).any()):
            parts[part] = photos_of_part(data, part)
    photos = [(photo, part) for part, of_part in parts.items() for photo in of_part]
    for (photo, part), facts in zip(photos, inspect_photos([p.path for p, _ in photos], progress), strict=True):
        if isinstance(facts, Unreadable):
            raise PhotosError(f"{photo.path} cannot be read: {facts.reason} Restore it, or organize the photos again.")
        yield _Row(ReadPhoto(_source_photo(photo), facts, photo.source, photo.weight), part)


def _still_valid(rows: Iterable[_Row], new: NewPhotos, mixed: MixedData) -> list[_Row]:
    """Without photos of an earlier retraining that visitors have withdrawn since, or that have another label now."""
    label_of = {each.facts.sha256: each.photo.breed for each in new.photos}
    kept = []
    for row in rows:
        read = row.read
        if read.source == CORRECTIONS and read.photo.path.name in new.withdrawn:
            mixed.left_out.setdefault("the visitor has withdrawn them", []).append(str(read.photo.path))
        elif read.source == CORRECTIONS and label_of.get(read.facts.sha256, read.photo.breed) != read.photo.breed:
            mixed.left_out.setdefault("they have another label now", []).append(str(read.photo.path))
        else:
            kept.append(row)
    return kept


def _source_photo(photo: LabelledPhoto) -> SourcePhoto:
    return SourcePhoto(photo.path, photo.path.stem, photo.breed)


def _place_new(rows: list[_Row], known: set[str], mix: Mix, mixed: MixedData) -> None:
    """Decides the part of each new photo. Near-duplicates are in one part."""
    groups = near_duplicate_groups([row.read.facts for row in rows])
    grouped = {position for group in groups for position in group}
    alone = [[position] for position, row in enumerate(rows) if row.is_new and position not in grouped]
    for number, group in enumerate(groups, start=1):
        for position in group:
            rows[position].group = number
    seen = {row.read.facts.sha256 for row in rows if not row.is_new and row.part != TEST}
    units = [[rows[position] for position in group] for group in [*groups, *alone]]
    undecided: list[list[_Row]] = []
    for unit in units:
        new = [row for row in unit if row.is_new]
        old = {row.part for row in unit if not row.is_new}
        part = next((part for part in (TEST, NEW, TRAIN, SPARE, VALID) if part in old), None)
        for row in new if part else []:
            row.part = {TEST: LEFT_OUT, SPARE: TRAIN}.get(part or "", part or "")
            if part != TEST and row.read.facts.sha256 in seen:
                row.part = LEFT_OUT
                mixed.left_out.setdefault(KNOWN_ALREADY, []).append(str(row.read.photo.path))
            elif part == TEST:
                mixed.left_out.setdefault(NEAR_TEST, []).append(str(row.read.photo.path))
        if new and not part:
            undecided.append(new)
    _divide(undecided, known, mix)


def _leave_out_untrained(rows: list[_Row], mixed: MixedData) -> None:
    """Leaves out photos of breeds that nothing is left to train on: the others resembled photos of other parts."""
    trained = {row.read.photo.breed for row in rows if row.part == TRAIN}
    for row in rows:
        if row.is_new and row.part and row.read.photo.breed not in trained:
            row.part = LEFT_OUT
            mixed.left_out.setdefault("no photo of their breed is left to train on", []).append(
                str(row.read.photo.path)
            )


def _divide(units: list[list[_Row]], known: set[str], mix: Mix) -> None:
    """Holds units out by their digests alone, so that a photo that is held out once is held out again.

    At least half of the photos of a breed that the bundle does not know are trained on.
    """
    to_train: dict[str, int] = {}
    for unit in units:
        to_train[unit[0].read.photo.breed] = to_train.get(unit[0].read.photo.breed, 0) + len(unit)
    least = {breed: 0 if breed in known else math.ceil(count / 2) for breed, count in to_train.items()}
    for unit in sorted(units, key=lambda unit: _draw(unit, mix.seed)):
        breed, share = unit[0].read.photo.breed, _draw(unit, mix.seed)
        valid = mix.held_out + (1 - mix.held_out) * VALIDATION_SHARE
        part = NEW if share < mix.held_out else VALID if share < valid else TRAIN
        if part != TRAIN and to_train[breed] - len(unit) < least[breed]:
            part = TRAIN
        to_train[breed] -= len(unit) if part != TRAIN else 0
        for row in unit:
            row.part = part


def _draw(unit: Sequence[_Row], seed: int) -> float:
    """A number in 0..1 that depends only on the seed and the photos."""
    return int(rank(seed, "held out", min(row.read.facts.sha256 for row in unit)), 16) / HASHES


def _replay(rows: list[_Row], new: int, mix: Mix) -> None:
    """Chooses the old photos to train on: as many of each breed as there are, and at least one."""
    old: dict[str, list[_Row]] = {}
    for row in rows:
        if not row.is_new and row.part in (TRAIN, SPARE):
            old.setdefault(row.read.photo.breed, []).append(row)
    total = sum(map(len, old.values()))
    share = 1.0 if mix.replay is None else min(1.0, mix.replay * new / total)
    for of_breed in old.values():
        ordered = sorted(of_breed, key=lambda row: rank(mix.seed, "replay", row.read.facts.sha256))
        chosen = max(1, math.ceil(share * len(ordered)))
        for place_, row in enumerate(ordered):
            row.part = TRAIN if place_ < chosen else SPARE


def _nothing_new(mixed: MixedData) -> str:
    why = "; ".join(f"{len(names)}: {reason}" for reason, names in mixed.left_out.items() if names)
    return f"No new photo is left to train on. Left out: {why or 'none'}. Give --new more photos."


def _write(rows: list[_Row], mix: Mix, out: Path) -> None:
    used = [row for row in rows if row.part != LEFT_OUT]
    paths = list(unique_paths([row.read.photo for row in used], [row.part for row in used]))
    lines = [
        (path, row.read.photo.id, row.read.photo.breed, row.part, row.read.facts.sha256, row.group, "",
         CORRECTIONS if row.is_new else row.read.source, "", mix.weight if row.is_new else row.read.weight)
        for row, path in zip(used, paths, strict=True)
    ]  # fmt: skip
    for row, path in zip(used, paths, strict=True):
        place(row.read.photo.path, out / path, "hard")
    table = pd.DataFrame(lines, columns=[*MANIFEST_COLUMNS, "source", "origin", WEIGHT_COLUMN]).sort_values("path")
    table.to_csv(out / MANIFEST_FILE, index=False, lineterminator="\n")


def _link_other_breeds(folder: Path, new_breeds: set[str], out: Path) -> None:
    """Photos of breeds that are still unknown."""
    for photo in find_photos(folder):
        if photo.breed not in new_breeds:
            place(photo.path, out / photo.breed / photo.path.name, "hard")
