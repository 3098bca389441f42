"""Clients that send requests to a server, each the next as soon as it has its answer: a closed loop.

Run as `python -m trainer.benchmarks.load PORT CLIENTS SECONDS < photo.jpg`, in a separate process, so that the
clients do not share Python's lock with the caller.
"""

import json
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
ANSWERED = "200"
NO_ANSWER = "no_answer"  # counted like an HTTP status
PATIENCE_SECONDS = 120
BOUNDARY = "----dogbreed-benchmark"


class PhotoClient(HTTPConnection):
    """A connection to a server on this machine that stays open between requests, like a browser's."""

    def __init__(self, port: int, photo: bytes) -> None:
        super().__init__("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="dog.jpg"\r\n\r\n'
        self.form = head.encode() + photo + f"\r\n--{BOUNDARY}--\r\n".encode()

    def post(self) -> tuple[int, bytes]:
        """Sends the photo. Returns the answer's status and body."""
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        self.request("POST", "/predictImage", self.form, headers)
        response = self.getresponse()
        return response.status, response.read()


@dataclass
class Load:
    """The requests of some clients: the latency of each in ms, by status, and the duration of the whole load."""

    by_status: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    client_cpu_seconds: float = 0.0  # processor time of the clients themselves

    def count(self, status: str, latency: float) -> None:
        """Adds a request."""
        self.by_status.setdefault(status, []).append(latency)

    def add(self, more: "Load") -> None:
        """Adds the requests of another measurement."""
        self.seconds += more.seconds
        self.client_cpu_seconds += more.client_cpu_seconds
        for status, latencies in more.by_status.items():
            self.by_status.setdefault(status, []).extend(latencies)

    @property
    def latencies(self) -> list[float]:
        return [latency for latencies in self.by_status.values() for latency in latencies]

    @property
    def statuses(self) -> dict[str, int]:
        return {status: len(latencies) for status, latencies in self.by_status.items()}

    @property
    def answers_per_second(self) -> float:
        """Without refusals."""
        return len(self.by_status.get(ANSWERED, [])) / self.seconds

    @property
    def row(self) -> dict[str, Any]:
        latencies = self.latencies
        p50, p99 = np.percentile(latencies, (50, 99))
        return {
            "requests_per_second": len(latencies) / self.seconds,
            "p50_ms": float(p50),
            "p99_ms": float(p99),
            "client_cpu_ms": self.client_cpu_seconds / len(latencies) * 1000,
            "statuses": self.statuses,
        }


def run_clients(port: int, photo: bytes, clients: int, seconds: float) -> Load:
    """Counts every request that begins in these seconds, after one request of each client to warm up."""
    load, started, cpu_started = Load(), 0.0, 0.0

    def start() -> None:
        nonlocal started, cpu_started
        started, cpu_started = time.perf_counter(), time.process_time()

    barrier = Barrier(clients, action=start)

    def run_client() -> None:
        with closing(PhotoClient(port, photo)) as client:
            _status(client)
            client.close()  # the other clients' warm-up may take longer than the server keeps an idle connection
            barrier.wait()
            while (began := time.perf_counter()) < started + seconds:
                status = _status(client)
                load.count(status, (time.perf_counter() - began) * 1000)

    threads = [Thread(target=run_client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds, load.client_cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return load


def load_from_other_process(port: int, photo: Path, clients: int, seconds: float) -> Load:
    """`run_clients` in a separate process."""
    command = [sys.executable, "-m", "trainer.benchmarks.load", str(port), str(clients), str(seconds)]
    with photo.open("rb") as file:
        done = subprocess.run(command, cwd=ROOT, stdin=file, stdout=subprocess.PIPE, check=True)
    return Load(**json.loads(done.stdout))


def _status(client: PhotoClient) -> str:
    try:
        return str(client.post()[0])
    except (HTTPException, OSError):
        client.close()  # the next request opens a new connection
        return NO_ANSWER


def _main(port: str, clients: str, seconds: str) -> None:
    print(json.dumps(vars(run_clients(int(port), sys.stdin.buffer.read(), int(clients), float(seconds)))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
