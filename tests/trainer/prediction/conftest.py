"""Folders of photos of one colour, and `manage.py predict` on them."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command

from tests.http import ROOT
from tests.image_files import BLUE, GREEN, RED, encoded, plain
from tests.trainer.prediction.photo_server import PhotoServer

COLOURS = {"red": RED, "green": GREEN, "blue": BLUE}


def write_photos(folder: Path, number: int, colour: tuple[int, int, int] = RED) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index:05}.jpg" for index in range(number)]
    for path in paths:
        path.write_bytes(encoded(plain(colour)))
    return paths


def write_list(path: Path, names: list[Any]) -> Path:
    path.write_text("".join(f"{name}\n" for name in names))
    return path


def rows_of(output: Path) -> list[dict[str, Any]]:
    match output.suffix:
        case ".csv":
            with output.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
        case ".jsonl":
            return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        case _:
            return list(pq.read_table(output).to_pylist())


def started(*words: object) -> "subprocess.Popen[str]":
    """A process that runs `manage.py predict`."""
    command = [sys.executable, "manage.py", "predict", *map(str, words)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in a shell's background inherit its deafness to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.fixture
def photos(tmp_path):
    """A red, a green and a blue photo, and a file that is none."""
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.jpg").write_bytes(encoded(plain(RED)))
    (folder / "a.jpg").write_bytes(b"no photo")
    (folder / "deep" / "green.PNG").write_bytes(encoded(plain(GREEN), "PNG"))
    (folder / "deep.webp").write_bytes(encoded(plain(BLUE), "WEBP", lossless=True))
    (folder / "notes.md").write_text("no photo, and not named like one")
    return folder


@pytest.fixture
def predict(trusted_bundle):
    """Runs the command with the bundle that has verdicts."""

    def run(*sources: object, **options: Any) -> None:
        call_command("predict", *map(str, sources), **{"bundle": trusted_bundle, **options})

    return run


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with PhotoServer().running() as running:
        yield running
