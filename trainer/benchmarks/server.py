"""A real server for one bundle, as `make run` starts it, and its memory."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from dogbreed.errors import DogbreedError
from trainer.benchmarks.load import PhotoClient

GUNICORN = ("gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0", "dogbreed.wsgi")
MIGRATE = ("manage.py", "migrate", "--verbosity", "0")
# The benchmark has its own database: its answers do not belong among those of visitors.
OURS = {"DATABASE_URL": "", "DOGBREED_ALLOWED_HOSTS": "127.0.0.1", "DOGBREED_THROTTLE": "", "WEB_CONCURRENCY": "1"}
DATABASE = "dogbreed.sqlite3"  # in DOGBREED_VAR
LONGEST_START_SECONDS = 300
MEMORY_FILES = {"rss": ("status", "VmRSS"), "peak_rss": ("status", "VmHWM"), "pss": ("smaps_rollup", "Pss")}


class ServerError(DogbreedError):
    """The server does not answer as it should; the message says what it answered."""


@dataclass(frozen=True)
class Server:
    """A running server. `ready_seconds` is the time from the start of the process to its first answer. `database` is
    SQLite's file, which only this benchmark uses."""

    process: int
    port: int
    ready_seconds: float
    database: Path

    def memory(self) -> dict[str, float | None]:
        """Megabytes of gunicorn's worker. `rss` counts all its pages, `pss` a share of those that it shares with other
        processes (such as the code of libraries); None where the system does not report it."""
        return {f"{name}_mb": _megabytes(self.worker, *where) for name, where in MEMORY_FILES.items()}

    @property
    def worker(self) -> int:
        return next(iter(_children(self.process)), self.process)

    def forget_peak(self) -> None:
        """Lets `peak_rss` begin anew (proc(5)), where the system can."""
        with suppress(OSError):
            Path(f"/proc/{self.worker}/clear_refs").write_text("5")

    def cpu_seconds(self) -> float | None:
        """The processor time that the worker has taken since its start; None where the system does not report it."""
        try:
            fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_server(bundle: Path, photo: bytes) -> Iterator[Server]:
    """A server that has answered one request with the photo.

    Raises:
        ServerError: it ended, or did not answer with a breed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dogbreed-benchmark-") as folder,
        (Path(folder) / "log").open("w+", encoding="utf-8") as log,
    ):
        database = Path(folder) / DATABASE
        database.write_bytes(_empty_database())
        environment = {**_environment(folder), "DOGBREED_BUNDLE": str(bundle.resolve())}
        started = time.perf_counter()
        command = [sys.executable, "-m", *GUNICORN]
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log)
        try:
            port = _port(process, Path(log.name))
            with closing(PhotoClient(port, photo)) as client:
                status, answer = client.post()
            if status != 200:
                raise ServerError(f"The server answered with status {status} and no breed: {answer.decode()}")
            yield Server(process.pid, port, time.perf_counter() - started, database)
        finally:
            process.terminate()
            process.wait(timeout=60)


@cache
def _empty_database() -> bytes:
    """SQLite's file with all tables. Migrating takes seconds, and is the same for each server."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, *MIGRATE], cwd=settings.BASE_DIR, env=_environment(folder), check=True)
        return (Path(folder) / DATABASE).read_bytes()


def _environment(folder: str) -> dict[str, str]:
    """Of a server that writes to `folder`."""
    return {**os.environ, **OURS, "DOGBREED_VAR": folder}


def _port(process: "subprocess.Popen[bytes]", log: Path) -> int:
    """The port in the server's log. It listens before the model is loaded; a request waits until then."""
    until = time.monotonic() + LONGEST_START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if found := re.search(r"Listening at: .*:(\d+)", log.read_text(encoding="utf-8")):
            return int(found[1])
        time.sleep(0.01)
    raise ServerError(f"The server did not start. Its log:\n{log.read_text(encoding='utf-8')}")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _megabytes(pid: int, file: str, key: str) -> float | None:
    try:
        found = re.search(rf"^{key}:\s+(\d+) kB", Path(f"/proc/{pid}/{file}").read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 / 1e6 if found else None
