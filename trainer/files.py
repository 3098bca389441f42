"""Files and folders that are there whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dogbreed.errors import AlreadyExistsError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a place beside `path` to write to, which takes that name, also from an older file, once all is written.

    Only one process may write `path` at a time. What one that was killed had begun is written over by the next.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives a temporary folder beside `path` to fill, which takes that name only once everything in it is written.

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
