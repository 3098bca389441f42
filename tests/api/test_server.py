"""A real gunicorn process, asked over a real connection."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests.photos import RED, encoded, plain

ROOT = Path(__file__).parents[2]


@contextmanager
def gunicorn(bundle: Path, var: Path) -> Iterator[HTTPConnection]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "dogbreed.wsgi",
            "--bind",
            "127.0.0.1:0",
            "--threads",
            "2",
            "--no-control-socket",
        ],
        cwd=ROOT,
        env={**os.environ, "DOGBREED_BUNDLE": str(bundle), "DOGBREED_VAR": str(var)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        port = next(found[1] for line in process.stderr if (found := re.search(r"Listening at: .*:(\d+)", line)))
        with closing(HTTPConnection("127.0.0.1", int(port), timeout=60)) as connection:
            yield connection
    finally:
        process.terminate()
        process.communicate(timeout=30)


def form(data: bytes) -> tuple[bytes, dict[str, str]]:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="dog.jpg"\r\n\r\n'
    return head + data + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


def post(connection: HTTPConnection, data: bytes) -> tuple[int, dict[str, object]]:
    body, headers = form(data)
    connection.request("POST", "/predictImage", body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_gunicorn_answers_a_photo_and_refuses_what_is_too_long(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path) as connection:
        status, answer = post(connection, encoded(plain(RED)))
        assert (status, answer["breed"]) == (200, "red_hound")
        status, answer = post(connection, bytes(30 * 1024 * 1024))
        assert (status, answer["code"]) == (413, "file_too_large")


def test_gunicorn_starts_without_a_model_and_says_so(tmp_path):
    with gunicorn(tmp_path / "nowhere", tmp_path / "var") as connection:
        status, answer = post(connection, bytes(10 * 1024 * 1024))
        assert (status, answer["code"]) == (503, "model_unavailable")
        connection.request("GET", "/api/docs/")
        assert connection.getresponse().status == 200
