"""Clients that ask a server for breeds, each anew as soon as it has its answer: a closed loop.

Run as `python -m trainer.benchmarks.load PORT CLIENTS SECONDS < photo.jpg`, in a process of its own, so that the
clients take no turns with a server's threads.
"""

import json
import sys
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from threading import Barrier, Thread

import numpy as np

NO_ANSWER = "no_answer"  # beside the HTTP statuses
PATIENCE_SECONDS = 120
BOUNDARY = "----dogbreed-benchmark"


class PhotoClient(HTTPConnection):
    """A connection to a server on this machine that stays open from one request to the next, as a browser's does."""

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


class Load:
    """What some clients met with in some seconds. Every request counts that began in that time."""

    def __init__(self, port: int, photo: bytes, clients: int, seconds: float) -> None:
        self.seconds = seconds
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []  # seconds
        self.barrier = Barrier(clients, action=self._start)
        threads = [Thread(target=self._client, args=(port, photo)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.elapsed = time.perf_counter() - self.started
        self.own_seconds = time.process_time() - self.own_start

    def _start(self) -> None:
        self.started, self.own_start = time.perf_counter(), time.process_time()

    def _client(self, port: int, photo: bytes) -> None:
        with closing(PhotoClient(port, photo)) as client:
            _status(client)  # what comes first is slower: it is not counted
            self.barrier.wait()
            while (began := time.perf_counter()) < self.started + self.seconds:
                status = _status(client)
                self.latencies.append(time.perf_counter() - began)
                self.statuses[status] += 1

    def as_json(self) -> dict[str, object]:
        """Rates and times of all requests; `client_cpu_ms` is what the clients themselves took of the processor."""
        p50, p99 = np.percentile(self.latencies, (50, 99)) * 1000
        return {
            "requests_per_second": len(self.latencies) / self.elapsed,
            "p50_ms": float(p50),
            "p99_ms": float(p99),
            "client_cpu_ms": self.own_seconds / len(self.latencies) * 1000,
            "statuses": dict(self.statuses),
        }


def _status(client: PhotoClient) -> str:
    try:
        return str(client.post()[0])
    except (HTTPException, OSError):
        client.close()  # the next request connects anew
        return NO_ANSWER


if __name__ == "__main__":
    port, clients, seconds = sys.argv[1:]
    print(json.dumps(Load(int(port), sys.stdin.buffer.read(), int(clients), float(seconds)).as_json()))
