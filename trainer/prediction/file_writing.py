"""Predictions for many photos into one file, which a kill interrupts but never spoils."""

import itertools
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dogbreed.model.bundle import Bundle
from trainer.prediction.bundle_digest import bundle_digest
from trainer.prediction.digests import Digests
from trainer.prediction.output_formats import output_format
from trainer.prediction.photo_sources import check_sources, photos_of
from trainer.prediction.rows import Row
from trainer.prediction.streaming import printable
from trainer.prediction.unfinished import Manifest, UnfinishedOutput, unfinished_output
from trainer.progress import ProgressBar, silent

ROWS_IN_A_PART = 1000
SECONDS_OF_A_PART = 15.0  # a kill costs at most this much work where photos come slowly

Answering = Callable[[Iterator[str]], Iterator[Row]]  # names of photos -> their rows, in order


@dataclass(frozen=True)
class Written:
    """How many rows the file has, how many are of photos that could not be read, and how many were there before this
    process began."""

    photos: int
    errors: int
    before: int


def predict_to_file(
    sources: Sequence[str],
    output: Path,
    bundle: Bundle,
    answering: Answering,
    probabilities: bool = True,
    progress: ProgressBar = silent,
) -> Written | None:
    """Answers all photos of the sources, and writes one row for each photo to `output`.

    Until then the rows are in numbered parts in `OUTPUT.unfinished/`. If the process is killed, the same call goes on:
    photos that have a row, by name, are not answered again. Rows are in the order of the sources; photos that appeared
    after an interruption come last. Memory grows by 16 bytes a photo.

    Args:
        sources: see `photos_of`.
        output: a file that does not exist, with a suffix that names the format.
        answering: is called once it is certain that there is something to do.
        probabilities: keep the probabilities of all classes, in formats that have them.

    Returns:
        What was written; None if the file was complete, and an earlier process was killed while it removed the parts.

    Raises:
        AlreadyExistsError, OutputError: see `unfinished_output`.
        MissingPackageError, PhotosError, StoreError: see `photos_of`. After that, the same call continues.
    """
    digest = bundle_digest(bundle)
    described = {"name": bundle.config.name, "version": bundle.config.version, "sha256": digest}
    form = output_format(str(output), bundle.config.label_names, described)
    manifest: Manifest = {"bundle": list(described.values()), "sources": list(sources), "probabilities": probabilities}
    check_sources(sources)
    with unfinished_output(output, form) as unfinished:
        if unfinished is None:
            return None
        unfinished.begin(manifest)
        with progress("Counting the photos") as counting:
            total = _count(sources, counting)
        seen, errors = Digests(), 0
        for path, failed in unfinished.outcomes():
            seen.add(path)
            errors += failed
        before = len(seen)
        names = (name for name in photos_of(sources) if seen.add(printable(name)))
        with progress("Predicting") as predicting, closing(_rows(answering, names)) as rows:
            numbers = itertools.count(before + 1)
            errors += _write(
                rows,
                unfinished,
                probabilities,
                lambda: predicting(done := next(numbers), max(total, done)),
            )
        unfinished.join()
        return Written(len(seen), errors, before)


def _count(sources: Sequence[str], counting: Callable[[int, int], None]) -> int:
    total = 0
    for total, _ in enumerate(photos_of(sources), start=1):
        if total % 10_000 == 0:
            counting(total, total)
    return total


def _rows(answering: Answering, names: Iterator[str]) -> Generator[Row, None, None]:
    """The rows of all names; nothing is loaded if there are none."""
    first = next(names, None)
    if first is not None:
        yield from answering(itertools.chain([first], names))


def _write(rows: Iterable[Row], unfinished: UnfinishedOutput, probabilities: bool, answered: Callable[[], None]) -> int:
    """Writes the rows into parts while they come; those that are left also when it is interrupted.

    Returns:
        How many rows are of photos that could not be read.
    """
    waiting: list[Row] = []
    errors = 0
    began = time.monotonic()
    try:
        for row in rows:
            waiting.append(row if probabilities else {**row, "probabilities": None})
            errors += row["error"] is not None
            answered()
            if len(waiting) >= ROWS_IN_A_PART or time.monotonic() - began > SECONDS_OF_A_PART:
                unfinished.write_part(waiting)
                waiting, began = [], time.monotonic()
    finally:
        if waiting:
            unfinished.write_part(waiting)
    return errors
