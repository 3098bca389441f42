"""What a server sends to the error reporter of an operator's choice: a real server, and a stand-in for Sentry."""

import gzip
import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from tests.deploy.stack import free_port
from tests.http import Process, answers, multipart, request, wait_until
from tests.image_files import RED, encoded, plain

pytestmark = pytest.mark.slow

CLIENT, VISITOR = "127.0.0.9", "203.0.113.7"  # the connection's address; the one that a proxy names
SECRET = "taken in a garden by a visitor"  # inside the photo
HEADERS = {
    "Host": "localhost",
    "User-Agent": "a test",
    "X-Forwarded-For": VISITOR,
    "Cookie": "session=a-secret-cookie",
    "Authorization": "Bearer a-secret-token",
    "Referer": "http://localhost/a-secret-page",
    "X-Request-ID": "request-0001",
}


@contextmanager
def reporter() -> Iterator[tuple[str, "Queue[bytes]"]]:
    """A stand-in for Sentry: its DSN, and the bodies that it receives, decompressed."""
    received: Queue[bytes] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://key@127.0.0.1:{server.server_address[1]}/1", received
        finally:
            server.shutdown()
            thread.join()


class FailingServer(Process):
    def __init__(self, bundle: Path, var: Path, dsn: str, **environment: str) -> None:
        var.mkdir()
        self.port = free_port()
        bind = ["--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{self.port}"]
        settings = {"DOGBREED_BUNDLE": str(bundle), "DOGBREED_VAR": str(var), "SENTRY_DSN": dsn, **environment}
        program = [sys.executable, "-m", "gunicorn", *bind, "tests.dogbreed.failing_server"]
        super().__init__(program, var.with_name("log"), settings)


def test_an_unexpected_error_is_reported_without_the_photo_and_the_visitors_address(tiny_bundle, tmp_path):
    pytest.importorskip("sentry_sdk")
    photo = encoded(plain(RED), comment=SECRET.encode())
    assert SECRET.encode() in photo
    with reporter() as (dsn, received):
        server = FailingServer(tiny_bundle, tmp_path / "var", dsn, DOGBREED_PROXIES="1", DOGBREED_ADMIN="yes")
        server.start()
        try:
            server.wait_until(lambda: answers(server.port, "/api/health/live"), "the server answers")
            body, headers = multipart(photo)
            with closing(HTTPConnection("127.0.0.1", server.port, source_address=(CLIENT, 0))) as connection:
                answer = request(connection, "POST", "/predictImage?of=a-secret-dog", body, headers | HEADERS)
            assert (answer.status, answer.json["code"]) == (500, "server_error")
            report = received.get(timeout=60)
        finally:
            server.stop()
    _, _, event = map(json.loads, report.splitlines())
    assert event["exception"]["values"][-1]["value"] == "The engine has failed."
    assert event["transaction"] == "/predictImage"
    assert event["request"]["method"] == "POST"
    assert event["request"]["url"] == "http://localhost/predictImage"
    assert {name.lower() for name in event["request"]["headers"]} == {
        *("content-length", "content-type", "user-agent", "x-request-id")
    }
    text = report.decode()
    for secret in (SECRET, b64encode(photo).decode()[:40], VISITOR, CLIENT, "a-secret", "dog.jpg"):
        assert secret not in text
    assert not {"user", "extra", "breadcrumbs"} & set(event)
    assert received.empty()


def test_what_a_client_does_wrong_is_not_reported(tiny_bundle, tmp_path):
    pytest.importorskip("sentry_sdk")
    with reporter() as (dsn, received):
        server = FailingServer(tiny_bundle, tmp_path / "var", dsn)
        server.start()
        try:
            server.wait_until(lambda: answers(server.port, "/api/health/live"), "the server answers")
            for path, host, status in [("/api/", "evil.example", 400), ("/no/such/address", "localhost", 404)]:
                with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
                    assert request(connection, "GET", path, headers={"Host": host}).status == status
        finally:
            server.stop()  # it sends what is waiting
        assert received.empty()


@pytest.mark.parametrize(
    ("dsn", "sentence"),
    [
        ("http://key@127.0.0.1:9/1", "SENTRY_DSN is set, but the package sentry-sdk is not installed. Run: "),
        ("sentry", "SENTRY_DSN cannot be used: "),
    ],
)
def test_a_server_that_cannot_report_says_so_and_does_not_start(tiny_bundle, tmp_path, dsn, sentence):
    site = tmp_path / "site"
    site.mkdir()
    if dsn == "sentry":
        pytest.importorskip("sentry_sdk")
    else:  # a Python without the package
        (site / "sitecustomize.py").write_text("import sys\nsys.modules['sentry_sdk'] = None\n")
    server = FailingServer(tiny_bundle, tmp_path / "var", dsn, PYTHONPATH=str(site))
    server.start()
    wait_until(lambda: server.running.poll() is not None, "the server has given up")
    assert server.running.returncode != 0
    assert sentence in server.log.read_text()


def test_without_a_dsn_the_package_is_not_even_imported(tiny_bundle, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import sys\nsys.modules['sentry_sdk'] = None\n")
    server = FailingServer(tiny_bundle, tmp_path / "var", "", PYTHONPATH=str(site))
    server.start()
    try:
        server.wait_until(lambda: answers(server.port, "/api/health/live"), "the server answers")
    finally:
        server.stop()
