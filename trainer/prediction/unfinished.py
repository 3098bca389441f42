"""A file of predictions while it is written: parts in a folder beside it, which outlive a kill and then are joined."""

import fcntl
import itertools
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dogbreed.errors import AlreadyExistsError
from trainer.files import whole_file
from trainer.prediction.output_formats import OutputError, OutputFormat
from trainer.prediction.rows import Row

LOCK, MANIFEST, JOINED = "lock", "manifest.json", "joined.json"

Manifest = dict[str, Any]  # what must be the same when the work goes on, with values for JSON


class UnfinishedOutput:
    """The parts of a file of predictions. One process at a time has them: see `unfinished_output`."""

    def __init__(self, output: Path, form: OutputFormat) -> None:
        self.output, self.folder, self._form = output, folder_of(output), form
        self._numbers = itertools.count(1)

    @property
    def parts(self) -> list[Path]:
        return sorted(self.folder.glob("part-*"))

    def outcomes(self) -> Iterator[tuple[str, bool]]:
        """The photos that have a row, and whether it says that they could not be read.

        Raises:
            OutputError: a part is damaged, as after a power cut.
        """
        for part in self.parts:
            try:
                yield from self._form.outcomes(part)
            except Exception as error:  # each format has its own
                raise OutputError(
                    f"{part} is damaged ({error}). Remove it and start the same command again: its photos are then "
                    "answered once more."
                ) from error

    def write_part(self, rows: Sequence[Row]) -> None:
        with whole_file(self.folder / f"part-{next(self._numbers):07}{self.output.suffix.lower()}") as part:
            self._form.write(rows, part)

    def join(self) -> None:
        """Writes the file and removes the parts.

        Raises:
            AlreadyExistsError: meanwhile somebody else made the file.
        """
        joined = self.folder / f"joined{self.output.suffix.lower()}"
        self._form.join(self.parts, joined)
        # A later start knows by the size that the file is this one, if this process is killed before it removed all.
        _write_json(self.folder / JOINED, {"size": joined.stat().st_size})
        if self.output.exists():
            raise exists(self.output)
        joined.rename(self.output)
        self.remove()

    def remove(self) -> None:
        for part in self.parts:
            part.unlink()
        for name in (MANIFEST, JOINED, LOCK):
            (self.folder / name).unlink(missing_ok=True)
        for remnant in self.folder.glob(".*.unfinished"):
            remnant.unlink()
        with suppress(OSError):  # something of somebody else's is in it
            self.folder.rmdir()

    def is_joined(self) -> bool:
        """Whether the file is complete, and only the removal of the parts was interrupted."""
        try:
            size = json.loads((self.folder / JOINED).read_text(encoding="utf-8"))["size"]
        except FileNotFoundError:
            return self.folder.is_dir() and not self.parts and not (self.folder / MANIFEST).exists()
        return bool(size == self.output.stat().st_size)

    def begin(self, manifest: Manifest) -> None:
        """Records what is answered and with what, or checks that the same is continued.

        Raises:
            OutputError: the parts are of other photos or of another bundle.
        """
        place = self.folder / MANIFEST
        if not place.exists():
            if others := sorted(path.name for path in self.folder.iterdir() if path.name != LOCK):
                raise OutputError(
                    f"{self.folder} has no {MANIFEST} but contains {others[0]}. It is needed for the parts of the "
                    "output: name another --output, or move it away."
                )
            _write_json(place, manifest)
            return
        if self.parts:
            self._numbers = itertools.count(int(self.parts[-1].stem.removeprefix("part-")) + 1)
        begun = json.loads(place.read_text(encoding="utf-8"))
        if differing := [key for key in manifest if begun.get(key) != manifest[key]]:
            was, now = ("; ".join(f"{key} {_said(of.get(key))}" for key in differing) for of in (begun, manifest))
            raise OutputError(
                f"{self.folder} holds the beginning of another prediction: {was}. This one has {now}. Continue that "
                "one with what it began with, name another --output, or remove the folder to begin again."
            )


@contextmanager
def unfinished_output(output: Path, form: OutputFormat) -> Iterator[UnfinishedOutput | None]:
    """The parts of `output`, for this process alone; None if the file is complete and a kill left only parts to remove.

    A kill releases the lock.

    Raises:
        AlreadyExistsError: the file exists; nothing of a user's is ever overwritten.
        OutputError: another process writes it.
    """
    unfinished = UnfinishedOutput(output, form)
    if output.exists() and not unfinished.folder.is_dir():
        raise exists(output)
    unfinished.folder.mkdir(parents=True, exist_ok=True)
    with _locked(unfinished.folder):
        if not output.exists():
            yield unfinished
        elif unfinished.is_joined():
            unfinished.remove()
            yield None
        else:
            raise exists(output)


def folder_of(output: Path) -> Path:
    return output.with_name(f"{output.name}.unfinished")


def exists(output: Path) -> AlreadyExistsError:
    return AlreadyExistsError(f"{output} exists already and is not overwritten. Name another --output, or remove it.")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    busy = OutputError(f"Another process is writing to {folder}. Wait until it has ended, or name another --output.")
    try:
        with (folder / LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The other process may have finished, and removed the file, while this one opened it.
            if not os.path.samestat(os.fstat(lock.fileno()), (folder / LOCK).stat()):
                raise busy
            yield
    except BlockingIOError as error:
        raise busy from error


def _write_json(path: Path, value: Manifest) -> None:
    with whole_file(path) as file:
        file.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _said(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
