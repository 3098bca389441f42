"""Predictions as Parquet."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trainer.prediction import packages
from trainer.prediction.rows import Row

ROWS_IN_A_GROUP = 20_000  # of probabilities of 120 classes, 10 MB


class Parquet:
    """One row a photo. `probabilities` is a list of float32 in the order of the file's `label_names`.

    The metadata of the schema hold `label_names` as JSON, and the bundle's `name`, `version` and `sha256`.
    """

    def __init__(self, label_names: list[str], described: dict[str, str]) -> None:
        self._arrow, self._parquet = packages.pyarrow()
        metadata = {"label_names": json.dumps(label_names), **described}
        self._schema = _schema(self._arrow).with_metadata(metadata)

    def write(self, rows: Sequence[Row], path: Path) -> None:
        self._parquet.write_table(self._arrow.Table.from_pylist(list(rows), self._schema), path, compression="zstd")

    def outcomes(self, part: Path) -> Iterator[tuple[str, bool]]:
        rows = self._parquet.read_table(part, columns=["path", "error"])
        yield from zip(rows["path"].to_pylist(), rows["error"].is_valid().to_pylist(), strict=True)

    def join(self, parts: Sequence[Path], path: Path) -> None:
        with self._parquet.ParquetWriter(path, self._schema, compression="zstd") as writer:
            waiting: list[Any] = []
            for part in parts:
                waiting.append(self._parquet.read_table(part))
                if sum(map(len, waiting)) >= ROWS_IN_A_GROUP:
                    writer.write_table(self._arrow.concat_tables(waiting))
                    waiting = []
            if waiting:
                writer.write_table(self._arrow.concat_tables(waiting))


def _schema(arrow: Any) -> Any:
    text = arrow.string()
    return arrow.schema(
        {
            "path": text,
            "breed": text,
            "name": text,
            "probability": arrow.float32(),
            "verdict": text,
            "text": text,
            "shortlist": arrow.list_(text),
            "error": text,
            "probabilities": arrow.list_(arrow.float32()),
        }
    )
