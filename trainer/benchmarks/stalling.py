"""What honest clients notice while others hold connections on which they send nothing, or almost nothing.

Turns with and without such connections alternate, so that other work on the machine affects both alike.
"""

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from trainer.benchmarks.load import Load, load_from_other_process
from trainer.benchmarks.made_up_photos import SMALL, sample_photos
from trainer.benchmarks.server import running_server
from trainer.benchmarks.serving import machine
from trainer.progress import ProgressBar, silent

HEAD = b"POST /predictImage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
KINDS = {"header": HEAD, "body": HEAD + b"Content-Length: 1000000\r\n\r\n" + bytes(1000), "silent": b""}
TURNS = 2  # of each
CLIENTS = 2
HOLD_SECONDS = 0.5  # how often closed connections are replaced
ASK_SECONDS = 0.1  # between two health checks
PATIENCE_SECONDS = 60


def measure_stalling(
    bundle: Path, connections: int, photo: Path | None, seconds: float, progress: ProgressBar = silent
) -> dict[str, Any]:
    """Latencies of predictions, and the slowest health check, for `seconds` with and without stalled connections.

    Raises:
        BundleError, OSError, PhotoError, ServerError: see `measure_serving`.
    """
    before = machine()
    source, photos = sample_photos(photo)
    loads, checks = {"with": Load(), "without": Load()}, {"with": Load(), "without": Load()}
    with ExitStack() as stack:
        small = Path(stack.enter_context(TemporaryDirectory())) / "photo.jpg"
        small.write_bytes(photos[SMALL])
        with progress("Starting the server"):
            port = stack.enter_context(running_server(bundle, photos[SMALL])).port
        with progress("Alternating with and without stalled connections") as alternating:
            for turn in range(2 * TURNS):
                name, number = ("with", connections) if turn % 2 else ("without", 0)
                with stalled(port, number), health_checks(port, checks[name]):
                    loads[name].add(load_from_other_process(port, small, CLIENTS, seconds / TURNS))
                alternating(turn + 1, 2 * TURNS)
    return {
        "machine": before,
        "photo": source,
        "stalled_connections": connections,
        "predictions": {name: load.row for name, load in loads.items()},
        "health_checks": {
            name: {"slowest_ms": max(load.latencies), "number": len(load.latencies), "statuses": load.statuses}
            for name, load in checks.items()
        },
    }


@contextmanager
def stalled(port: int, number: int) -> Iterator[None]:
    """Holds so many connections, of each of the `KINDS` alike. Those that the server closes are replaced."""
    held: list[tuple[socket.socket, bytes]] = []
    kinds = cycle(KINDS.values())

    def connect(sent: bytes) -> None:
        with suppress(OSError):
            connection = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
            connection.sendall(sent)
            held.append((connection, sent))

    def hold() -> None:
        closed = set(select.select([connection for connection, _ in held], [], [], 0)[0])
        replaced = [sent for connection, sent in held if connection in closed]
        held[:] = [entry for entry in held if entry[0] not in closed]
        for connection in closed:
            connection.close()
        for sent in replaced or [next(kinds) for _ in range(number - len(held))]:
            connect(sent)

    with _repeatedly(hold, HOLD_SECONDS):
        yield
    for connection, _ in held:
        connection.close()


@contextmanager
def health_checks(port: int, answers: Load) -> Iterator[None]:
    """Asks for the server's health all the time, each time on a connection of its own."""

    def ask() -> None:
        began = time.perf_counter()
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as connection:
            try:
                connection.request("GET", "/api/health/live")
                status = str(connection.getresponse().status)
            except (HTTPException, OSError) as error:
                status = type(error).__name__
        answers.count(status, (time.perf_counter() - began) * 1000)

    with _repeatedly(ask, ASK_SECONDS):
        yield


@contextmanager
def _repeatedly(work: Callable[[], None], pause: float) -> Iterator[None]:
    """Does the work once, and again in a thread until the block ends."""
    work()
    stop = Event()

    def repeat() -> None:
        while not stop.wait(pause):
            work()

    thread = Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
