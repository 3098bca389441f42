"""Machines that train together, as far as one machine can play several: process groups of deploy/training/node.sh."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from trainer.training.run_folder import Run

ROOT = Path(__file__).parents[3]
TRAINING = ROOT / "deploy" / "training"
BREATH = 300  # seconds that a process may take: many more than it needs
SETTINGS = ["architecture=simple-cnn", "head.dropout=0.0", "training.epochs=12", "optimizer.lr=1e-4"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def options(data: Path, recipe: Path, run: Path) -> list[str]:
    words = ["--data", str(data), "--recipe", str(recipe), "--weights", "none", "--run", str(run)]
    return [*words, "--cache", str(run.parent / "cache"), *(f"--set={setting}" for setting in SETTINGS)]


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PROCESSES": "1", "LAST_CALL": "2", **changes}


class Machine:
    """A machine that trains: torchrun and its worker, with what they say in a file."""

    def __init__(self, number: int, port: int, log: Path, words: list[str], **changes: str) -> None:
        self.log = log
        settings = {"ENDPOINT": f"127.0.0.1:{port}", "NODE": str(number), "ADDRESS": "127.0.0.1", "NODES": "1:2"}
        self.process = start([str(TRAINING / "node.sh"), *words], log, **(settings | changes))

    def send_to_worker(self, number: signal.Signals) -> None:
        for worker in workers(self.process.pid):
            os.kill(worker, number)

    def lose(self) -> None:
        """Everything ends at once, as when the power fails."""
        processes = [*workers(self.process.pid), self.process.pid]
        for process in processes:
            os.kill(process, signal.SIGKILL)
        self.process.wait()

    def ends(self) -> int:
        return ended(self.process, self.log)

    def remove(self) -> None:
        if self.process.poll() is None:
            self.lose()


def start(command: list[str], log: Path, **changes: str) -> "subprocess.Popen[str]":
    with log.open("a") as file:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )


def workers(process: int) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def ended(process: "subprocess.Popen[str]", log: Path) -> int:
    try:
        return process.wait(BREATH)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"It does not end:\n{log.read_text()}") from None


def wait_for_epochs(run: Path, epochs: int, log: Path) -> None:
    records, end = run / "epochs.csv", time.monotonic() + BREATH
    while not (records.exists() and len(records.read_text().splitlines()) > epochs):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)


def starts(log: Path) -> int:
    """How often the first process of the run was started, as far as it says in this file."""
    return log.read_text().count("Run: ")


def assert_same_result(run: Path, expected: Run) -> None:
    """The same losses and accuracies in every epoch.

    Not bit for bit: another number of processes adds the gradients in another order. The measures of one epoch have 6
    digits and agreed within 0.00001; a batch too many or too few changes the third digit.
    """
    mine, other = (pd.read_csv(path / "epochs.csv").drop(columns="seconds") for path in (run, expected.path))
    np.testing.assert_allclose(mine, other, atol=1e-4)
    assert (run / "bundle" / "model.onnx").is_file()
    assert (run / "evaluation" / "report.html").is_file()
