"""Starts `manage.py tune`, in this process or in one that can be killed, and finds its workers."""

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pandas as pd
from django.core.management import call_command

from tests.http import ROOT

BREATH = 300  # seconds that a process may take: many more than it needs
SMALL = [
    "--weights", "none", "--set", "architecture=simple-cnn", "--set", "training.epochs=6", "--set", "optimizer.lr=1e-3",
    "--search", "optimizer.lr=1e-4..1e-2", "--search", "training.batch_size=8,16",
]  # fmt: skip


def words(data: Path, recipe: Path, study: Path, *options: str) -> list[str]:
    """A search on the made-up breeds with a network that takes a fraction of a second for an epoch."""
    where = ["--data", str(data), "--recipe", str(recipe), "--study", str(study)]
    return ["tune", *where, *SMALL, "--cache", str(study.parent / "cache"), *options]


def tune(data: Path, recipe: Path, study: Path, *options: str) -> str:
    """Searches to the end. Its workers are processes of their own. Returns what was said."""
    said = io.StringIO()
    call_command(*words(data, recipe, study, *options), stdout=said)
    return said.getvalue()


def start(data: Path, recipe: Path, study: Path, *options: str) -> subprocess.Popen[str]:
    """Starts a search that can be killed."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *words(data, recipe, study, *options)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    said, _ = process.communicate(timeout=BREATH)
    assert process.returncode == code, said
    return said


def workers(process: subprocess.Popen[str]) -> list[int]:
    """The process ids of a search's workers that live."""
    found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in found if _state_and_parent(pid)[1] == process.pid and lives(pid)]


def lives(pid: int) -> bool:
    return _state_and_parent(pid)[0] not in "ZX"


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return "X", 0
    return state, int(parent)


def kill_a_worker(process: subprocess.Popen[str], random: Random) -> None:
    found = workers(process)
    if found:
        with suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)


def wait_for_epochs(process: subprocess.Popen[str], study: Path, epochs: int) -> None:
    while process.poll() is None and finished_epochs(study) < epochs:
        time.sleep(0.02)


def epochs_of(study: Path) -> pd.DataFrame:
    """Every epoch of every trial, without the times."""
    return pd.read_csv(study / "epochs.csv").drop(columns="seconds")


def finished_epochs(study: Path) -> int:
    """The number of epochs in the runs of all trials."""
    return sum(len(file.read_text().splitlines()) - 1 for file in study.glob("trials/*/epochs.csv"))
