"""Answers that are put into the database of a benchmark's own server, which nobody else asks meanwhile."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from dogbreed.errors import DogbreedError

ANSWERS, FEEDBACK = "api_prediction", "api_feedback"  # tables of `api.models`, which the trainer does not import
JUDGED_EVERY = 10  # one answer in so many has feedback
AT_ONCE = 5000  # rows in one transaction, so that SQLite's log stays small
DISK_FACTOR = 2.5  # times an answer's text: whole pages, indexes, and the log
PATIENCE_SECONDS = 60


class NoRoomError(DogbreedError):
    """The disk has no room for so many answers."""


class StoredAnswers:
    """The answers of one server. `most` is how many it had at most while requests were timed."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.most = self._kept = self.number()

    def number(self) -> int:
        with self._connected() as connection:
            return int(connection.execute(f"SELECT COUNT(*) FROM {ANSWERS}").fetchone()[0])

    def add(self, number: int) -> None:
        """Adds copies of the first answer, with ids, times, breeds and probabilities of their own.

        Raises:
            NoRoomError: the disk has not enough room for them.
        """
        with self._connected() as connection:
            connection.row_factory = sqlite3.Row
            first = dict(connection.execute(f"SELECT * FROM {ANSWERS} ORDER BY rowid LIMIT 1").fetchone())
            self._check_room(number, sum(len(str(value)) for value in first.values()))
            rows = _copies(first, number)
            for begin in range(0, number, AT_ONCE):
                some = [next(rows) for _ in range(min(AT_ONCE, number - begin))]
                _insert(connection, ANSWERS, some)
                _insert(connection, FEEDBACK, [_feedback(row) for row in some[::JUDGED_EVERY]])
                connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the server would do that during a request
        self._kept = self.number()

    def forget_newer(self) -> None:
        """Deletes the answers that requests have added since, so that each turn begins with the same number."""
        self.most = max(self.most, self.number())
        with self._connected() as connection:
            connection.execute(f"DELETE FROM {ANSWERS} WHERE rowid > ?", (self._kept,))
            connection.commit()

    def ids(self, number: int) -> list[UUID]:
        """So many ids, or fewer, from everywhere in the table."""
        rows = sorted({int(row) for row in np.linspace(1, self._kept, number)})
        with self._connected() as connection:
            places = ", ".join("?" * len(rows))
            found = connection.execute(f"SELECT id FROM {ANSWERS} WHERE rowid IN ({places})", rows).fetchall()
        return [UUID(row[0]) for row in found]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.database, PATIENCE_SECONDS)) as connection:
            yield connection

    def _check_room(self, number: int, text: int) -> None:
        needed, free = number * text * DISK_FACTOR / 1e9, shutil.disk_usage(self.database.parent).free / 1e9
        if needed > free:
            raise NoRoomError(
                f"{number:,} stored answers take up to {needed:.1f} GB, and {self.database.parent} has {free:.1f} GB. "
                "Name fewer with --stored, or another place with the environment variable TMPDIR."
            )


def _copies(first: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    random = np.random.default_rng(0)
    breeds, probabilities = list(json.loads(first["probabilities"])), random.random(number)
    chosen, created = random.integers(len(breeds), size=number), datetime.fromisoformat(first["created"])
    for row, (breed, probability) in enumerate(zip(chosen, probabilities, strict=True)):
        yield {
            **first,
            "id": uuid4().hex,
            "created": str(created - timedelta(minutes=row)),
            "breed": breeds[breed],
            "probability": float(probability),
        }


def _feedback(answer: dict[str, Any]) -> dict[str, Any]:
    right = answer["probability"] > 0.5
    breed = answer["breed"] if right else "other"
    return {"prediction_id": answer["id"], "breed": breed, "right": right, "created": answer["created"]}


def _insert(connection: sqlite3.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    columns = ", ".join(f'"{column}"' for column in rows[0])
    values = ", ".join(f":{column}" for column in rows[0])
    connection.executemany(f"INSERT INTO {name} ({columns}) VALUES ({values})", rows)
