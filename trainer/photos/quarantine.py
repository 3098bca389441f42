"""Reversible changes to a folder of photos: nothing is deleted, and a journal records where each file went."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path

from filelock import FileLock, Timeout

from dogbreed.errors import DogbreedError
from dogbreed.model.file_digests import sha256
from trainer.files import whole_file

QUARANTINE = ".quarantine"  # inside the folder, so that files are moved without copying; photos in it are not listed
JOURNAL = "journal.jsonl"


class QuarantineError(DogbreedError):
    """Changes cannot be made or reverted; the message says why and what to do."""


@dataclass(frozen=True)
class Change:
    """The change of one file, with paths relative to the folder. It is recorded before it is made.

    `kept` is where the original is now (None: at `now`), `now` is the file that replaced it (None: there is none), and
    `digest` is the SHA-256 of that file if it is not the original.
    """

    command: str
    reason: str
    path: str
    kept: str | None = None
    now: str | None = None
    digest: str | None = None


class Journal:
    """Makes changes to the photos below `root` on behalf of a command."""

    def __init__(self, root: Path, command: str) -> None:
        self.root = root
        self.command = command

    def put_away(self, path: Path, reason: str) -> None:
        """Moves a file into the quarantine."""
        self._make(Change(self.command, reason, self._name(path), kept=self._free(path, reason)))

    def move(self, path: Path, now: Path, reason: str) -> None:
        """Moves a file within the folder to a name that is not in use."""
        self._make(Change(self.command, reason, self._name(path), now=self._name(now)))

    def replace(self, path: Path, new: Path, now: Path, reason: str) -> None:
        """Moves a file into the quarantine and `new`, a finished file elsewhere, to `now`."""
        kept = self._free(path, reason)
        self._make(Change(self.command, reason, self._name(path), kept, self._name(now), sha256(new)), new)

    def _make(self, change: Change, new: Path | None = None) -> None:
        with (self.root / QUARANTINE / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(_line(change))
            journal.flush()
            os.fsync(journal.fileno())
        path, target = self.root / change.path, self.root / (change.kept or change.now or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        if new and change.now:
            (self.root / change.now).parent.mkdir(parents=True, exist_ok=True)
            new.rename(self.root / change.now)
        _remove_if_empty(path.parent, self.root)

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _free(self, path: Path, reason: str) -> str:
        """An unused name in the quarantine, in a folder named after the reason."""
        words = re.sub(r"[^a-z0-9]+", "-", reason.split(":")[0].lower()).strip("-")
        place = self.root / QUARANTINE / words / path.relative_to(self.root)
        number = 2
        while place.exists() or place.is_symlink():
            place, number = place.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
        return str(place.relative_to(self.root))


@contextmanager
def changing(root: Path, command: str) -> Iterator[Journal]:
    """A journal that is locked against other processes.

    Raises:
        QuarantineError: another process is changing this folder.
    """
    (root / QUARANTINE).mkdir(exist_ok=True)
    try:
        with FileLock(root / QUARANTINE / ".lock", timeout=0):
            _end_torn_line(root / QUARANTINE / JOURNAL)
            yield Journal(root, command)
    except Timeout as error:
        raise QuarantineError(f"Another process is changing {root}. Wait until it is done and try again.") from error


def _end_torn_line(path: Path) -> None:
    """The change of a line that a power cut left incomplete was never made; the next line must not be joined to it."""
    if path.is_file() and path.read_bytes()[-1:] not in (b"", b"\n"):
        with path.open("a", encoding="utf-8") as journal:
            journal.write("\n")


def read_journal(root: Path) -> list[Change]:
    """All changes that have not been reverted, oldest first."""
    path = root / QUARANTINE / JOURNAL
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return [Change(**json.loads(line)) for line in lines if line.endswith("}")]


def undo(root: Path, command: str) -> int:
    """Reverts a command's changes since the last one of another command, newest first; returns how many.

    Raises:
        QuarantineError: another command has changed the folder later, or a file was changed by hand.
    """
    if not (root / QUARANTINE / JOURNAL).is_file():
        return 0
    with changing(root, command):
        changes = read_journal(root)
        if changes and changes[-1].command != command:
            later = changes[-1].command
            raise QuarantineError(
                f"{later} changed {root} after {command} did. Revert that first: manage.py {later} --undo."
            )
        mine = list(takewhile(lambda change: change.command == command, reversed(changes)))
        for change in mine:
            _take_back(root, change)
        with whole_file(root / QUARANTINE / JOURNAL) as unfinished:
            unfinished.write_text("".join(map(_line, changes[: len(changes) - len(mine)])), encoding="utf-8")
    return len(mine)


def _line(change: Change) -> str:
    return json.dumps(asdict(change), ensure_ascii=False) + "\n"


def _take_back(root: Path, change: Change) -> None:
    """Moves one original back. A change that was never made, or was already reverted, is skipped."""
    path = root / change.path
    original = root / (change.kept or change.now or "")
    if not (original.exists() or original.is_symlink()):
        return
    if change.kept and change.now and (root / change.now).exists():
        if change.digest != sha256(root / change.now):
            raise QuarantineError(
                f"{root / change.now} was changed since. Move it elsewhere (its original is {original}) and run --undo "
                "again."
            )
        (root / change.now).unlink()
    if path.exists():
        raise QuarantineError(f"Another file is at {path}. Move it elsewhere and run --undo again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    original.rename(path)
    for left in (original, root / (change.now or change.path)):
        _remove_if_empty(left.parent, root)


def _remove_if_empty(folder: Path, root: Path) -> None:
    """Removes folders that a move left empty, up to the root."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
