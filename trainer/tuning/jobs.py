"""The workers of a study on this machine: one process each, with its share of the cores or a GPU."""

import contextlib
import logging
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dogbreed.errors import DogbreedError
from dogbreed.model.engines.threads import inference_threads
from trainer.gpus import gpu_names
from trainer.tuning.study import Study

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
LOOK_EVERY_SECONDS = 1.0
MOST_RESTARTS = 10  # of a worker that was killed, without a finished epoch in between
LAST_LINES = 15

logger = logging.getLogger(__name__)


class WorkerError(DogbreedError):
    """A worker ended with an error; the message has the last lines of its log."""


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    log: Path


class Workers:
    """Processes that work on a study until it is done.

    Args:
        options: of `manage.py tune`, for each of them.
        count: number of processes.
    """

    def __init__(self, study: Study, options: list[str], count: int) -> None:
        self.study = study
        self.options = options
        self.count = count
        self.restarts = 0
        self.workers: list[_Worker] = []

    def run(self, look: Callable[[], int]) -> None:
        """Starts the workers and waits for them. A killed one is replaced, and its trial continued.

        Args:
            look: called about once a second; shows the study, and returns the number of finished epochs.

        Raises:
            KeyboardInterrupt: a signal asked to stop; the workers have saved their checkpoints.
            WorkerError: a worker ended with an error.
        """
        try:
            self.workers = [self._start(index) for index in range(self.count)]
            epochs = look()
            while any(worker.process.poll() is None for worker in self.workers):
                time.sleep(LOOK_EVERY_SECONDS)
                now = look()
                self.restarts, epochs = (0, now) if now > epochs else (self.restarts, epochs)
                self._replace_killed()
            look()
        except BaseException:
            self._stop()
            raise
        self._raise_errors()

    def _start(self, index: int) -> _Worker:
        self.study.logs.mkdir(exist_ok=True)
        log = self.study.logs / f"{platform.node()}-{os.getpid()}-{index}.log"
        command = [sys.executable, str(MANAGE), "tune", *self.options, "--worker-of", str(os.getpid())]
        with log.open("ab") as file:
            process = subprocess.Popen(
                command,
                env={**os.environ, **share_of_machine(index, self.count)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the workers
            )
        return _Worker(process, log)

    def _replace_killed(self) -> None:
        for index, worker in enumerate(self.workers):
            code = worker.process.poll()
            if code is None or code >= 0:
                continue
            self.restarts += 1
            if self.restarts > MOST_RESTARTS:
                raise WorkerError(
                    f"Workers were killed {self.restarts} times without finishing an epoch, the last one by signal "
                    f"{-code}. The memory may be too small: try fewer --jobs. Log: {worker.log}"
                )
            logger.warning(f"A worker was killed by signal {-code}. Another takes its place.")
            self.workers[index] = self._start(index)

    def _stop(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                worker.process.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.process.wait()

    def _raise_errors(self) -> None:
        for worker in self.workers:
            if worker.process.returncode:
                lines = worker.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
                raise WorkerError("\n".join([f"A worker has failed. The end of {worker.log}:", *lines]))


def stop_with(parent: int) -> None:
    """Asks this process to stop, with a checkpoint, when its parent is no longer there or asks for it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # while it trains, training handles it

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def share_of_machine(index: int, count: int) -> dict[str, str]:
    """Environment variables that give the worker `index` of `count` its own GPU, or its share of the cores."""
    gpus = gpu_names()
    threads = os.environ.get("OMP_NUM_THREADS") or str(inference_threads(count))
    return {"OMP_NUM_THREADS": threads, **({"CUDA_VISIBLE_DEVICES": gpus[index % len(gpus)]} if gpus else {})}
