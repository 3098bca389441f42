"""PyTorch for comparison, if it is installed. Runs `eager.py` in a separate process and imports no PyTorch itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

WAYS = ("eager", "load_per_request")


class PyTorch:
    """A process that classifies with PyTorch. `left_out` says why there is none, and is empty if there is one."""

    def __init__(self, process: "subprocess.Popen[str] | None") -> None:
        self._process = process
        self.left_out = "it is not installed"
        if process:
            said = self._answer()
            self.left_out = "" if said == "ready" else str(said)

    def times(self, way: str, seconds: float) -> list[float]:
        """Milliseconds of every classification in one of the `WAYS`."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(json.dumps([way, seconds]) + "\n")
        self._process.stdin.flush()
        times = self._answer()
        if isinstance(times, list):
            return times
        self.left_out = times  # it ended, perhaps for lack of memory
        return []

    def _answer(self) -> list[float] | str:
        assert self._process
        assert self._process.stdout
        line = self._process.stdout.readline()
        answer: list[float] | str = json.loads(line) if line else "its process ended"
        return answer


@contextmanager
def pytorch_process(bundle: Path, photo: Path) -> Iterator[PyTorch]:
    if find_spec("torch") is None:
        yield PyTorch(None)
        return
    command = [sys.executable, "-m", "trainer.benchmarks.eager", str(bundle.resolve()), str(photo)]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield PyTorch(process)
        finally:
            process.kill()
