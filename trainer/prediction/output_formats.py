"""The formats of a file of predictions: CSV, JSON lines and Parquet, by the suffix of its name."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from dogbreed.errors import DogbreedError
from trainer.prediction.parquet import Parquet
from trainer.prediction.rows import Row, as_json

COLUMNS = ["path", "breed", "name", "probability", "verdict", "text", "shortlist", "error"]


class OutputError(DogbreedError):
    """The file of predictions cannot be written, or not in this way. The message says what to do."""


class OutputFormat(Protocol):
    """How rows are written. A file is joined from parts, which have the same format."""

    def write(self, rows: Sequence[Row], path: Path) -> None: ...

    def outcomes(self, part: Path) -> Iterator[tuple[str, bool]]:
        """The photo of each row of a part, and whether it could not be read."""
        ...

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """Writes the rows of all parts, in order, without holding them in memory."""
        ...


def output_format(output: str, label_names: list[str], described: dict[str, str]) -> OutputFormat:
    """The format that the suffix of `output` names.

    Args:
        label_names: of the bundle, in order.
        described: of the bundle, for formats that store it: `name`, `version` and `sha256`.

    Raises:
        MissingPackageError: the format needs a package that is not installed.
        OutputError: the suffix names no format.
    """
    match Path(output).suffix.lower():
        case ".csv":
            return CSV()
        case ".jsonl":
            return JSONLines(label_names)
        case ".parquet":
            return Parquet(label_names, described)
        case other:
            raise OutputError(
                f"--output must end in .parquet, .csv or .jsonl, which names the format; got {other or 'no suffix'!r}."
            )


class CSV:
    """One line a photo below the names of the columns. Labels of a shortlist are separated by spaces."""

    def write(self, rows: Sequence[Row], path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows({**row, "shortlist": " ".join(row["shortlist"] or [])} for row in rows)

    def outcomes(self, part: Path) -> Iterator[tuple[str, bool]]:
        with part.open(encoding="utf-8", newline="") as file:
            yield from ((row["path"], row["error"] != "") for row in csv.DictReader(file))

    def join(self, parts: Sequence[Path], path: Path) -> None:
        with path.open("wb") as joined:
            for number, part in enumerate(parts):
                with part.open("rb") as lines:
                    header = next(lines)  # no name of a column contains a line break
                    joined.writelines([header] if number == 0 else [])
                    joined.writelines(lines)


class JSONLines:
    """One object a line, as `predict --format json` writes it."""

    def __init__(self, label_names: list[str]) -> None:
        self._label_names = label_names

    def write(self, rows: Sequence[Row], path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(as_json(row, self._label_names), ensure_ascii=False) + "\n")

    def outcomes(self, part: Path) -> Iterator[tuple[str, bool]]:
        with part.open(encoding="utf-8") as file:
            yield from ((row["path"], "error" in row) for row in map(json.loads, file))

    def join(self, parts: Sequence[Path], path: Path) -> None:
        with path.open("wb") as joined:
            for part in parts:
                with part.open("rb") as lines:
                    joined.writelines(lines)
