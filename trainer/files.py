"""Files and folders that are written completely or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dogbreed.errors import AlreadyExistsError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a temporary file beside `path` to write to, and renames it to `path`, replacing an older file, at the end.

    Only one process may write `path` at a time. A file left behind by a killed process is overwritten by the next.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives a temporary folder beside `path` to fill, and renames it to `path` once everything in it is written.

    Raises:
        AlreadyExistsError: `path` exists; nothing of a user's is ever overwritten.
    """
    if path.exists():
        raise AlreadyExistsError(f"{path} exists already and is not overwritten. Name another folder, or remove it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        unfinished.chmod(0o755)
        yield unfinished
        os.rename(unfinished, path)  # noqa: PTH104 - refuses a folder that appeared meanwhile, unless it is empty
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
