"""The store of promoted bundles: a folder for each below `DOGBREED_VAR/models`, and a file that says which is served.

    models/served.json            which bundle is served, which is on trial, and every earlier change
    models/<digest of a bundle>/  a bundle, complete and checked

A bundle is written beside its place and renamed, and so is `served.json`. So a process that reads them sees whole ones,
whenever another one is killed.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import Bundle, BundleError, read_bundle
from dogbreed.model.comparison_result import Outcome
from dogbreed.model.file_digests import DIGESTS_FILE, SIGNATURE_FILE, write_digests
from dogbreed.model.serving_source import ServingSource
from dogbreed.strict_model import StrictModel

POINTER_FILE = "served.json"
LOCK_FILE = "lock"
UNFINISHED = ".unfinished-"

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Action = Literal["promote", "trial", "rollback", "end trial", "configured", "delete"]


class StoreError(DogbreedError):
    """The store cannot be read or written, or it does not have what was asked for."""


class OnTrial(StrictModel):
    """A bundle that answers a share of the photos, above 0 and below 1."""

    bundle: Digest
    share: float = Field(gt=0, lt=1)


class Change(StrictModel):
    """One change of what is served.

    Attributes:
        when: date and time in ISO 8601, UTC.
        old, new: the digests of the bundles; None for the one of DOGBREED_BUNDLE.
        names: their names and versions, for people.
        outcome: what the comparison found; None where there was none.
        without_comparison, although_worse: the rule that was overridden.
    """

    when: str
    who: str
    action: Action
    old: Digest | None
    new: Digest | None
    names: tuple[str, str]
    share: float | None = None
    outcome: Outcome | None = None
    photos: int | None = None
    without_comparison: bool = False
    although_worse: bool = False
    reason: str = ""


class Served(StrictModel):
    """`served.json`.

    Attributes:
        bundle: what is served; None for the bundle of DOGBREED_BUNDLE.
        previous: what was served before, the latest last: `rollback` goes back to it.
        configured: DOGBREED_BUNDLE when this was written; it no longer decides what is served.
    """

    format_version: Literal[1] = 1
    bundle: Digest | None = None
    previous: list[Digest] = []
    trial: OnTrial | None = None
    configured: str = ""
    history: list[Change] = []


def served_bundle(source: ServingSource, served: Served) -> Bundle:
    """The bundle that a server answers with. Raises `BundleError`."""
    return Store(source.store).read_bundle(served.bundle) if served.bundle else read_bundle(source.configured)


def served_path(source: ServingSource) -> Path:
    """The folder of the bundle that a server answers with, for commands that name none. Raises `StoreError`."""
    return folder_of(source, Store(source.store).read().bundle)


def folder_of(source: ServingSource, digest: str | None) -> Path:
    """The folder of a bundle of the store, or of that of DOGBREED_BUNDLE where there is no digest."""
    return Store(source.store).path_of(digest) if digest else source.configured


def not_followed(source: ServingSource, served: Served) -> str:
    """A sentence for operators who have changed DOGBREED_BUNDLE since a bundle was promoted; empty if nobody has."""
    if served.bundle is None or str(source.configured.absolute()) == served.configured:
        return ""
    return (
        f"DOGBREED_BUNDLE is {source.configured}, but a promoted bundle is served, as was decided while "
        f"DOGBREED_BUNDLE was {served.configured}. To serve that of DOGBREED_BUNDLE: manage.py rollback --configured."
    )


class Store:
    """The store in `folder`, which need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pointer = folder / POINTER_FILE

    def path_of(self, digest: str) -> Path:
        return self.folder / digest

    def read(self) -> Served:
        """What is served. Raises `StoreError` if the file that says so is damaged."""
        try:
            text = self.pointer.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Served()
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                f"{self.pointer} cannot be read ({error}), so the promoted bundle is not known."
            ) from error
        try:
            return Served.model_validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            raise StoreError(
                f"{self.pointer} does not say which bundle is served ({problem['msg']}). Restore the file, or put it "
                "away: without it the bundle of DOGBREED_BUNDLE is served."
            ) from error

    def write(self, served: Served) -> None:
        """Replaces `served.json` at once. Running servers notice it."""
        text = served.model_dump_json(indent=2) + "\n"
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix=UNFINISHED, delete=False) as file:
            try:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).chmod(0o644)
                Path(file.name).replace(self.pointer)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps others from changing the store. Raises `StoreError` if one does already, or the folder is read-only."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / LOCK_FILE).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._remove_unfinished()
                yield
        except BlockingIOError as error:
            raise StoreError(f"Another command is changing {self.folder}. Try again when it has ended.") from error
        except OSError as error:
            raise StoreError(
                f"{error.filename or self.folder} cannot be read or written ({error.strerror}). Run this as the user "
                "of the server, with the server's DOGBREED_VAR, and look for free space. Nothing was changed."
            ) from error

    @contextmanager
    def adding(self, bundle: Bundle) -> Iterator[Path]:
        """Gives a complete copy of a bundle to check, and puts it into the store if that raises nothing.

        Raises:
            StoreError: the bundle has links or folders.
            BundleError: it was changed while it was copied, or its copy in the store is damaged.
        """
        place = self.path_of(bundle.digest)
        if place.exists():
            _add_signature(bundle.path, self.read_bundle(bundle.digest).path)
            yield place
            return
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
        try:
            _copy(bundle.path, unfinished)
            if not bundle.is_listed:
                write_digests(unfinished)
            if read_bundle(unfinished).digest != bundle.digest:
                raise BundleError(f"The model bundle {bundle.path} was changed while it was copied. Try again.")
            unfinished.chmod(0o755)
            yield unfinished
            unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def read_bundle(self, digest: str) -> Bundle:
        """Raises `BundleError` if the store does not have the bundle, or has another one in its place."""
        bundle = read_bundle(self.path_of(digest))
        if bundle.digest != digest or not bundle.is_listed:
            raise BundleError(
                f"{bundle.path} is not the bundle that its name says. Delete it: manage.py models --delete."
            )
        return bundle

    def digests(self) -> list[str]:
        """Of all bundles in the store."""
        with suppress(FileNotFoundError):
            return sorted(path.name for path in self.folder.iterdir() if path.is_dir() and len(path.name) == 64)
        return []

    def find(self, beginning: str) -> str:
        """The digest that begins like this. Raises `StoreError` unless there is exactly one."""
        found = [digest for digest in self.digests() if digest.startswith(beginning)]
        if len(found) != 1 or not beginning:
            number = "no" if not found else "more than one"
            raise StoreError(f"The store has {number} bundle {beginning!r}. See: manage.py models.")
        return found[0]

    def delete(self, digest: str) -> None:
        """Removes a bundle from the store."""
        doomed = self.folder / f"{UNFINISHED}{digest[:12]}"
        self.path_of(digest).rename(doomed)  # at once: a part of a bundle is never at its place
        shutil.rmtree(doomed)

    def _remove_unfinished(self) -> None:
        """What killed commands have left; nobody else writes while the store is locked."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _add_signature(source: Path, target: Path) -> None:
    """A bundle may have been signed after it was promoted for the first time."""
    signed = [(folder / DIGESTS_FILE).read_bytes() for folder in (source, target) if (folder / DIGESTS_FILE).is_file()]
    if source != target and (source / SIGNATURE_FILE).is_file() and len(signed) == 2 and signed[0] == signed[1]:
        shutil.copyfile(source / SIGNATURE_FILE, target / SIGNATURE_FILE)


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        if path.is_symlink() or not path.is_file():
            raise StoreError(
                f"{path} is a link, a folder or something else than a file. A bundle that is promoted consists of "
                "files alone. Nothing was promoted."
            )
        copied = target / path.name
        shutil.copyfile(path, copied)
        copied.chmod(0o644)
