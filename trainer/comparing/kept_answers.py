"""The answers of two bundles on disk, in parts: an interrupted comparison continues, and a repeated one is cheap."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from dogbreed.answers.outputs import Outputs
from trainer.comparing.photo_sets import ComparisonError
from trainer.files import whole_file

FOLDER, MANIFEST, LOCK = "answers", "manifest.json", ".in_use"


@dataclass(frozen=True)
class PhotoAnswer:
    """What one network gave for one photo, and how long it took."""

    outputs: Outputs
    milliseconds: float


Pair = tuple[PhotoAnswer, PhotoAnswer]  # of the old bundle, of the new one


class KeptAnswers:
    """The pairs of answers in a folder, by the identity of the photo. One process at a time has them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        parts = self._parts()
        self._numbers = itertools.count(int(parts[-1].stem.removeprefix("part-")) + 1 if parts else 1)

    def _parts(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.npz"))

    def read(self) -> dict[str, Pair]:
        """All pairs. A part that was damaged, as in a power cut, is removed: its photos are answered again."""
        found: dict[str, Pair] = {}
        for part in self._parts():
            try:
                with np.load(part) as stored:
                    found.update(_pairs({name: stored[name] for name in stored.files}))
            except (OSError, ValueError, KeyError, EOFError, BadZipFile):
                part.unlink()
        return found

    def write(self, pairs: dict[str, Pair]) -> None:
        if not pairs:
            return
        arrays: dict[str, NDArray[Any]] = {"photos": np.array(list(pairs))}
        for side in (0, 1):
            answers = [pair[side] for pair in pairs.values()]
            arrays[f"{side}/milliseconds"] = np.array([answer.milliseconds for answer in answers])
            for name in answers[0].outputs:
                arrays[f"{side}/outputs/{name}"] = np.concatenate([answer.outputs[name] for answer in answers])
        with whole_file(self.folder / f"part-{next(self._numbers):05}.npz") as part, part.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def _pairs(arrays: dict[str, NDArray[Any]]) -> Iterator[tuple[str, Pair]]:
    sides = []
    for side in (0, 1):
        start = f"{side}/outputs/"
        outputs = {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}
        sides.append((outputs, arrays[f"{side}/milliseconds"]))
    for index, photo in enumerate(arrays["photos"]):
        old, new = (
            PhotoAnswer({name: values[index : index + 1] for name, values in outputs.items()}, float(times[index]))
            for outputs, times in sides
        )
        yield str(photo), (old, new)


@contextmanager
def kept_answers(out: Path, compared: dict[str, str]) -> Iterator[KeptAnswers]:
    """The answers that `out` keeps, for this process alone. A new folder is made; a kill releases the lock.

    Args:
        compared: what must be the same when a comparison continues: the bundles' digests and how they are run.

    Raises:
        ComparisonError: `out` holds something else, or another process is working on it.
    """
    folder = out / FOLDER
    manifest = folder / MANIFEST
    if out.exists() and not folder.is_dir() and (not out.is_dir() or any(out.iterdir())):
        raise ComparisonError(f"{out} exists already and holds no comparison. Name another folder for the results.")
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ComparisonError(
            f"Another process is working on {out}. Wait until it has ended, or name another folder."
        ) from error
    try:
        if manifest.exists() and any(folder.glob("part-*")):  # without answers nothing was begun
            _check_same(out, json.loads(manifest.read_text(encoding="utf-8")), compared)
        else:
            with whole_file(manifest) as file:
                file.write_text(json.dumps(compared, indent=2) + "\n", encoding="utf-8")
        yield KeptAnswers(folder)
    finally:
        lock.release()


def _check_same(out: Path, begun: dict[str, str], compared: dict[str, str]) -> None:
    differing = [key for key in compared if begun.get(key) != compared[key]]
    if differing:
        was, now = ("; ".join(f"{key} {str(of.get(key))[:16]}" for key in differing) for of in (begun, compared))
        raise ComparisonError(
            f"{out} holds another comparison: {was}. This one has {now}. Name another folder, or remove that one."
        )
