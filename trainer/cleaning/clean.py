"""Cleans a folder of photos in place. All changes can be reverted."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from trainer.cleaning.duplicates import find_duplicates
from trainer.cleaning.examination import Examined, Limits, clean_name, examine
from trainer.parallel import in_parallel
from trainer.photos.folders import PHOTO_SUFFIXES, PhotosError
from trainer.photos.manifest import MANIFEST_FILE
from trainer.photos.quarantine import QUARANTINE, Journal, changing
from trainer.progress import ProgressBar, silent

COMMAND = "clean"
REPORT_FILE = "report.csv"
EXTENSIONS = PHOTO_SUFFIXES | {".jpe", ".jfif", ".bmp", ".tif", ".tiff"}
REPORT_COLUMNS = ["path", "action", "reason", "now"]


@dataclass
class Cleaned:
    """The result: one row for each file that was changed or moved, or that is also under another breed."""

    files: int
    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, path: Path, action: str, reason: str, now: Path | None = None) -> None:
        self.rows.append({"path": str(path), "action": action, "reason": reason, "now": str(now or "")})

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """The number of rows for each (action, reason), with reasons shortened."""
        return Counter((row["action"], row["reason"].split(":")[0]) for row in self.rows)


def clean(
    root: Path,
    limits: Limits,
    progress: ProgressBar = silent,
    workers: int | None = None,
    dry_run: bool = False,
) -> Cleaned:
    """Examines every file below `root` and, unless `dry_run`, puts away or converts files that cannot be trained on.

    Raises:
        PhotosError: there is no such folder, no file in it, or it was organized, and cleaning would break its split.
        QuarantineError: another process is changing the folder.
    """
    files = _files(root)
    if dry_run:
        return _cleaned(root, _examined(files, limits, None, progress, workers), None)
    with changing(root, COMMAND) as journal:
        unfinished = root / QUARANTINE / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)  # left by a run that was stopped
        unfinished.mkdir()
        cleaned = _cleaned(root, _examined(files, limits, unfinished, progress, workers), journal)
        shutil.rmtree(unfinished)
        report = root / QUARANTINE / REPORT_FILE
        pd.DataFrame(cleaned.rows, columns=REPORT_COLUMNS).to_csv(report, index=False, lineterminator="\n")
    return cleaned


def _files(root: Path) -> list[Path]:
    """All files in folders below `root`, and photos directly in it. Other files directly in it are lists and notes."""
    if not root.is_dir():
        raise PhotosError(f"There is no folder {root}. Name a folder of photos.")
    manifest = root / MANIFEST_FILE
    if manifest.is_file() and "split" in pd.read_csv(manifest, nrows=0).columns:
        raise PhotosError(
            f"{root} was organized: cleaning it would break its manifest and its split. Clean the folder that it was "
            "made from, and organize that again."
        )
    found = [path for path in _below(root) if path.parent != root or path.suffix.lower() in PHOTO_SUFFIXES]
    if not found:
        raise PhotosError(f"There are no files in {root} or in folders below it.")
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)
        elif path.is_file():
            yield path


def _examined(
    files: list[Path], limits: Limits, unfinished: Path | None, progress: ProgressBar, workers: int | None
) -> list[Examined]:
    with progress("Examining files") as examining:
        return list(in_parallel(partial(examine, limits=limits, unfinished=unfinished), files, examining, workers))


def _cleaned(root: Path, examined: list[Examined], journal: Journal | None) -> Cleaned:
    cleaned = Cleaned(len(examined))
    kept = {its.path: its for its in examined if not its.rejected}
    rejected = {its.path: its.rejected for its in examined if its.rejected}
    for duplicate in find_duplicates({path: its.facts for path, its in kept.items() if its.facts}):
        if duplicate.within_a_breed:
            rejected[duplicate.path] = duplicate.reason
        else:
            cleaned.add(duplicate.path, "left", f"also under another breed: {duplicate.reason}")
    for path, reason in sorted(rejected.items()):
        cleaned.add(path, "put away", reason)
        if journal:
            journal.put_away(path, reason)
    taken = set(kept.keys() - rejected.keys())
    for path, its in sorted(kept.items()):
        if path not in rejected:
            now = _free_name(root, its, taken)
            taken.add(now)
            _settle(path, its, now, cleaned, journal)
    return cleaned


def _settle(path: Path, its: Examined, now: Path, cleaned: Cleaned, journal: Journal | None) -> None:
    if its.converted:
        cleaned.add(path, "converted", its.converted, now)
        if journal and its.jpeg:
            journal.replace(path, its.jpeg, now, f"converted {its.converted}")
    elif now != path:
        reason = "wrong extension" if now.suffix != path.suffix else "white space in the name"
        cleaned.add(path, "renamed", reason, now)
        if journal:
            journal.move(path, now, reason)


def _free_name(root: Path, its: Examined, taken: set[Path]) -> Path:
    """The final name of a photo. If it is in use, the old extension or a number is added."""
    plain = root.joinpath(*map(clean_name, its.path.relative_to(root).parts))
    # "rex.2019" has no extension to replace.
    stem = plain.stem if plain.suffix.lower() in EXTENSIONS else plain.name
    wanted = plain.with_name(f"{stem}{its.suffix}")
    candidate, number = wanted, 1
    while candidate != its.path and (candidate in taken or candidate.exists()):
        extra = its.path.suffix.replace(".", "-") if number == 1 else f"-{number}"
        candidate, number = wanted.with_name(f"{wanted.stem}{extra}{wanted.suffix}"), number + 1
    return candidate
