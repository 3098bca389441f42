"""Requests that are made to break a server or to occupy it: what it answers, and what each of them takes."""

import json
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from trainer.benchmarks.hostile_photos import photo
from trainer.benchmarks.made_up_photos import SMALL, sample_photos
from trainer.benchmarks.server import Server, running_server
from trainer.progress import ProgressBar, silent
from trainer.tables import table

PATIENCE_SECONDS = 60
NO_ANSWER = "closed without an answer"
FORM = "Content-Type: multipart/form-data; boundary=b\r\n"
URLENCODED = "Content-Type: application/x-www-form-urlencoded\r\n"
JSON = "Content-Type: application/json\r\n"
LIMIT = 20 * 1024 * 1024  # bytes of a body that the server reads, by default


@dataclass(frozen=True)
class RequestCost:
    """What one request took of the worker; None where the system is not Linux. `memory_mb` is the peak above what it
    had before."""

    name: str
    bytes: int
    status: int
    answer: str  # the error's code, or what else came
    wall_seconds: float
    cpu_seconds: float | None
    memory_mb: float | None


def measure_requests(bundle: Path, progress: ProgressBar = silent) -> list[dict[str, Any]]:
    """Sends each hostile request to a real server, one after another.

    Raises:
        BundleError, OSError, ServerError: see `measure_serving`.
    """
    _, photos = sample_photos(None)
    requests = list(hostile_requests())
    with running_server(bundle, photos[SMALL]) as server, progress("Hostile requests") as step:
        costs = []
        for done, (name, sent) in enumerate(requests, 1):
            costs.append(asdict(_cost(server, name, sent)))
            step(done, len(requests))
    return costs


def hostile_requests() -> Iterator[tuple[str, bytes]]:
    """The name of each request, and its bytes."""
    deep = b"[" * 100_000 + b"]" * 100_000
    part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    yield "TLS to the plain port", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"
    yield "Content-Length of 400 digits", _request("POST", "/predictImage", FORM + f"Content-Length: {'9' * 400}\r\n")
    yield "Content-Length of 1 TB", _request("POST", "/predictImage", FORM + f"Content-Length: {10**12}\r\n")
    chunked = FORM + "Transfer-Encoding: chunked\r\n"
    yield "chunked body", _request("POST", "/predictImage", chunked) + b"5\r\n--b--\r\n0\r\n\r\n"
    yield "path of 5,000 characters", _request("GET", "/" + "a" * 5000)
    yield "200 header lines", _request("GET", "/api/", "X: a\r\n" * 200)
    yield "path with escape codes and a forged line", _request("GET", "/api/%0a%1b[31mfine")
    yield "another host", _request("GET", "/api/", host="evil.example")
    yield "charset zlib", _with_body("/api/predictions", "Content-Type: application/json; charset=zlib\r\n", b"{}")
    yield "JSON nested 100,000 deep", _with_body("/api/predictions", JSON, deep)
    yield "JSON of 20 MB of numbers", _with_body("/api/predictions", JSON, b"[" + b"1," * (LIMIT // 2 - 1) + b"1]")
    yield "JSON with a key of 20 MB", _with_body("/api/predictions", JSON, b'{"' + b"a" * (LIMIT - 10) + b'":1}')
    yield "20 MB that are not base64", _with_body("/api/predictions", JSON, _json("!" * (LIMIT - 20)))
    yield "17 photos", _with_body("/api/predictions", JSON, _json(*["AAAA"] * 17))
    too_long = b64encode(photo("PNG", (1, 79_999_999), "L")).decode()
    yield "PNG of 1 x 79,999,999 pixels", _with_body("/api/predictions", JSON, _json(too_long))
    yield (
        "16 PNGs of 8,900 x 8,900 pixels",
        _with_body("/api/predictions", JSON, _json(*[b64encode(photo("PNG", (8900, 8900), "L")).decode()] * 16)),
    )
    yield "form without an end", _with_body("/predictImage", FORM, part + bytes(1000))
    yield "form of 20 MB without a boundary", _with_body("/predictImage", FORM, bytes(LIMIT))
    yield "form of 200,000 empty files", _with_body("/predictImage", FORM, (part + b"\r\n") * 200_000 + b"--b--\r\n")
    yield "form of 300,000 fields", _with_body("/predictImage", URLENCODED, b"a=1&" * 300_000)
    yield "20 MB of zeros as a photo", _with_body("/predictImage", FORM, part + bytes(LIMIT) + b"\r\n--b--\r\n")


def requests_table(costs: list[dict[str, Any]]) -> str:
    columns = ("name", "bytes", "status", "answer", "wall_seconds", "cpu_seconds", "memory_mb")
    return table([{column: "-" if cost[column] is None else cost[column] for column in columns} for cost in costs])


def _request(method: str, path: str, headers: str = "", host: str = "127.0.0.1") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n".encode()


def _with_body(path: str, headers: str, body: bytes) -> bytes:
    return _request("POST", path, f"{headers}Content-Length: {len(body)}\r\n") + body


def _json(*texts: str) -> bytes:
    return json.dumps({"image": list(texts)}).encode()


def _cost(server: Server, name: str, sent: bytes) -> RequestCost:
    before, cpu = server.memory()["rss_mb"], server.cpu_seconds()
    server.forget_peak()
    began = time.perf_counter()
    status, answer = _exchange(server.port, sent)
    wall, cpu_after, peak = time.perf_counter() - began, server.cpu_seconds(), server.memory()["peak_rss_mb"]
    return RequestCost(
        name,
        len(sent),
        status,
        answer,
        wall,
        None if cpu is None or cpu_after is None else cpu_after - cpu,
        None if peak is None or before is None else max(0.0, peak - before),
    )


def _exchange(port: int, sent: bytes) -> tuple[int, str]:
    """The status of the answer, and the error's code in it."""
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)) as connection:
        with suppress(ConnectionError):  # the server need not read a body that it refuses
            connection.sendall(sent)
        try:
            response = HTTPResponse(connection)
            response.begin()
            body = response.read()
        except (HTTPException, OSError):
            return 0, NO_ANSWER
    try:
        said = json.loads(body)
    except ValueError:
        return response.status, response.headers.get_content_type()
    outcomes = [each.get("code", "answered") for each in said.get("answers", [said])] if isinstance(said, dict) else []
    return response.status, ", ".join(f"{outcomes.count(code)} {code}" for code in sorted(set(outcomes)))
