"""Reviewed photos as a folder for `manage.py organize`: made beside the earlier export, and then put in its place."""

import csv
import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from api.models import KeptPhoto
from api.reviews.accepted import COLUMNS, Row, accepted_rows, as_columns
from dogbreed.errors import AlreadyExistsError, DogbreedError
from dogbreed.exported_corrections import BREEDS, OTHER_BREEDS, WITHDRAWN_FILE

MANIFEST_FILE, DATA_FILE = "manifest.csv", "sources.toml"
WITHDRAWN_COLUMNS = ["answer", "path"]  # the path is the name of the file: retraining leaves such files out


class ExportError(DogbreedError):
    """An export cannot be made. Nothing was changed."""


@dataclass
class Exported:
    """What an export contains, and how it differs from the one that it replaces."""

    rows: list[Row]
    added: list[str] = field(default_factory=list)  # paths
    withdrawn: list[str] = field(default_factory=list)  # ids of answers that the earlier export had
    undecided: list[str] = field(default_factory=list)  # paths whose review was undone or changed
    missing: list[str] = field(default_factory=list)  # ids of kept photos without a file
    digest: str = ""  # of the manifest, which has the digest of every photo


def export(out: Path, labels: Collection[str], data: Path | None = None) -> Exported:
    """Writes the accepted photos to `out`, which is new or an earlier export; see `README` of deploy, "Corrections".

    `labels` are those of the model: photos of other breeds go to a folder of their own. `data` is named in the data
    file as the first source.

    Raises:
        ExportError: nothing is accepted, or another export runs.
        AlreadyExistsError: `out` is something else, or has files that no export wrote.
    """
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    with _alone(out.parent):
        unfinished, replaced = out.with_name(f".{out.name}.unfinished"), out.with_name(f".{out.name}.replaced")
        _clean_up(out, unfinished, replaced)
        earlier = _earlier_rows(out)
        found = accepted_rows(labels)
        if not found and earlier is None:
            raise ExportError("No photo is accepted yet. Review some at /admin/ (DOGBREED_ADMIN=yes) first.")
        try:
            exported = _write(unfinished, found, data)
            _compare(exported, earlier or {})
            _write_withdrawn(unfinished, out, exported, earlier or {})
            _put_in_place(unfinished, out, replaced)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return exported


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two exports beside each other would remove each other's unfinished files. A killed one holds no lock."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ExportError(f"Another export is writing in {folder}. Wait until it has ended.") from error
    finally:
        os.close(descriptor)


def _clean_up(out: Path, unfinished: Path, replaced: Path) -> None:
    """Removes what a killed export has left, which may have photos that were withdrawn since."""
    if replaced.exists() and not out.exists():
        replaced.rename(out)  # it was killed between two renames
    for path in (unfinished, replaced):
        if path.exists():
            shutil.rmtree(path)


def _earlier_rows(out: Path) -> dict[str, str] | None:
    """The answers that an earlier export has, with the path of each; None if `out` does not exist.

    Raises `AlreadyExistsError` if it is no export, or has files besides.
    """
    if not out.exists():
        return None
    try:
        with (out / MANIFEST_FILE).open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            rows = list(table)
    except (OSError, UnicodeDecodeError, csv.Error):
        rows, table = [], None
    if table is None or table.fieldnames != COLUMNS:
        raise AlreadyExistsError(f"{out} exists and is no export of corrections. Name another folder.")
    own = {MANIFEST_FILE, DATA_FILE, WITHDRAWN_FILE, *(row["path"] for row in rows)}
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir()}
    if others := sorted(files - own):
        raise AlreadyExistsError(
            f"{out} has files that no export wrote, such as {others[0]}. They would be lost: move them elsewhere first."
        )
    return {row["answer"]: row["path"] for row in rows}


def _write(folder: Path, found: list[tuple[Row, Path]], data: Path | None) -> Exported:
    folder.mkdir()
    rows, missing = [], []
    for row, photo in found:
        try:
            jpeg = photo.read_bytes()
        except FileNotFoundError:  # withdrawn a moment ago, or lost
            missing.append(row.answer)
            continue
        path = folder / row.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg)
        rows.append(replace(row, sha256=hashlib.sha256(jpeg).hexdigest()))
    rows = _without_withdrawn(folder, rows)
    _write_csv(folder / MANIFEST_FILE, COLUMNS, [as_columns(row) for row in rows])
    (folder / DATA_FILE).write_text(_data_file(rows, data), encoding="utf-8")
    digest = hashlib.sha256((folder / MANIFEST_FILE).read_bytes()).hexdigest()
    kept = _kept(missing)
    return Exported(rows, missing=[answer for answer in missing if answer in kept], digest=digest)


def _without_withdrawn(folder: Path, rows: list[Row]) -> list[Row]:
    """Without the photos that were withdrawn while others were copied."""
    kept = _kept([row.answer for row in rows])
    for row in rows:
        if row.answer not in kept:
            path = folder / row.path
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    return [row for row in rows if row.answer in kept]


def _kept(answers: Collection[str]) -> set[str]:
    found = {str(identifier) for identifier in KeptPhoto.objects.values_list("pk", flat=True)}
    return found & set(answers)


def _compare(exported: Exported, earlier: dict[str, str]) -> None:
    now = {row.answer: row.path for row in exported.rows}
    exported.added = sorted(path for answer, path in now.items() if earlier.get(answer) != path)
    gone = earlier.keys() - now.keys()
    kept = _kept(gone)
    exported.withdrawn = sorted(gone - kept)
    exported.undecided = sorted(
        path for answer, path in earlier.items() if answer in kept or (answer in now and now[answer] != path)
    )


def _write_withdrawn(folder: Path, out: Path, exported: Exported, earlier: dict[str, str]) -> None:
    """The list of everything withdrawn since the first export to this folder. It has no photo, breed or name."""
    known: list[dict[str, str]] = []
    if (out / WITHDRAWN_FILE).is_file():
        with (out / WITHDRAWN_FILE).open(encoding="utf-8", newline="") as file:
            known = list(csv.DictReader(file))
    new = [{"answer": answer, "path": f"{answer}.jpg"} for answer in exported.withdrawn]
    if known or new:
        _write_csv(folder / WITHDRAWN_FILE, WITHDRAWN_COLUMNS, known + new)


def _write_csv(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _put_in_place(unfinished: Path, out: Path, replaced: Path) -> None:
    """Killed between its renames, it leaves the earlier export beside, and the next export puts it back."""
    if out.exists():
        out.rename(replaced)
    unfinished.rename(out)
    if replaced.exists():
        shutil.rmtree(replaced)


def _data_file(rows: list[Row], data: Path | None) -> str:
    """A data file of `organize` for the photos, with the operator's own first if they are named."""
    folders = {row.path.partition("/")[0] for row in rows}
    lines = ["# Photos that visitors permitted to keep and the staff accepted: manage.py organize sources.toml OUT"]
    if OTHER_BREEDS in folders:
        lines += ["# Breeds that the model does not know", f"other_breeds = {_quoted(OTHER_BREEDS)}"]
    if data:
        lines += ["", "[[source]]", 'name = "own"', f"path = {_quoted(str(data.absolute()))}"]
    else:
        lines += ["# Put your own photos first, as a [[source]]: only the first source has a test part."]
    if BREEDS in folders:
        lines += ["", "[[source]]", 'name = "corrections"', f"path = {_quoted(BREEDS)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + "".join(character if character.isprintable() else f"\\U{ord(character):08x}" for character in escaped)
        + '"'
    )
