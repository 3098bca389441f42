"""HTTP requests and real gunicorn servers, for all tests that ask the API something."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.image_files import RED, encoded, plain

ROOT = Path(__file__).parents[1]
RED_JPEG = encoded(plain(RED))
START_SECONDS = 60
DATABASE = "dogbreed.sqlite3"  # in the folder that a server writes to
OTHER_TABLES = {"DATABASE_URL", "DOGBREED_ADMIN"}  # settings with which a server has another database or more tables


# Django's test client


def upload(client: Any, data: bytes = RED_JPEG, url: str = "/predictImage", **headers: Any) -> Any:
    """The response to a photo in the field `image`."""
    return client.post(url, {"image": SimpleUploadedFile("dog.jpg", data)}, **headers)


def assert_refused(response: Any, status: int, code: str) -> str:
    """Checks an error's status, code and shape, and returns its sentence."""
    answer = response.json()
    assert (response.status_code, answer["code"]) == (status, code)
    assert set(answer) == {"code", "detail"}
    assert answer["detail"].endswith(".")
    return str(answer["detail"])


# Real connections


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def multipart(data: bytes) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form with a photo in the field `image`."""
    line = b"--of-these-tests"  # longer than what a photo may contain by chance
    head = line + b'\r\nContent-Disposition: form-data; name="image"; filename="dog.jpg"\r\n\r\n'
    return head + data + b"\r\n" + line + b"--\r\n", {"Content-Type": "multipart/form-data; boundary=of-these-tests"}


def request(
    connection: HTTPConnection, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    connection.request(method, path, body or None, headers or {})
    response = connection.getresponse()
    return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())


def ask(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=90)) as connection:
        return request(connection, method, path, body, headers)


def send_photo(port: int, data: bytes = RED_JPEG) -> Answer:
    """Asks for a prediction on a connection of its own."""
    return ask(port, "POST", "/predictImage", *multipart(data))


def post(connection: HTTPConnection, data: bytes = RED_JPEG) -> tuple[int, dict[str, Any]]:
    """Asks for a prediction on a connection that stays open: status and answer."""
    answer = request(connection, "POST", "/predictImage", *multipart(data))
    return answer.status, answer.json


def exchange(port: int, sent: bytes, timeout: float = 20) -> bytes:
    """What a server answers to these bytes before it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(sent)
        received = bytearray()
        while piece := connection.recv(65536):
            received += piece
        return bytes(received)


def parsed(sent: bytes) -> Answer:
    """The answer in the bytes of a response."""
    response = HTTPResponse(SimpleNamespace(makefile=lambda mode: BytesIO(sent)))  # type: ignore[arg-type]
    response.begin()
    return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())


def answers(port: int, path: str) -> bool:
    try:
        return ask(port, "GET", path).status == 200
    except (OSError, HTTPException):
        return False


# Processes


def wait_until(condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds} s in vain until {what}.")
        time.sleep(0.05)


def manage(*words: str, **environment: str) -> str:
    """Runs `manage.py` and returns its output."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@cache
def migrated_database() -> bytes:
    """A new SQLite file after `migrate`, which takes longer than a server takes to start."""
    with tempfile.TemporaryDirectory() as var:
        manage("migrate", "--verbosity", "0", DOGBREED_VAR=var)
        return (Path(var) / DATABASE).read_bytes()


class Process:
    """A server in the foreground. Its output goes to the file `log`."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.command, self.log, self.environment = command, log, {**os.environ, **(environment or {})}
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> "subprocess.Popen[bytes]":
        assert self._running is not None
        return self._running

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(timeout=60)
            self._running = None

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits, and shows the log where the process ends before or takes too long."""

        def met() -> bool:
            if self.running.poll() is not None:
                raise RuntimeError(f"The server ended with status {self.running.returncode}.")
            return condition()

        try:
            wait_until(met, what)
        except (RuntimeError, TimeoutError) as error:
            error.add_note(f"{self.log}:\n{self.log.read_text()}")
            raise


class Gunicorn(Process):
    """One instance of the API. Its first start chooses the port, and later ones listen at the same one."""

    def __init__(self, log: Path, environment: dict[str, str], *options: str) -> None:
        super().__init__([], log, environment)
        self.options, self.port = options, 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def workers(self) -> list[int]:
        """Process ids."""
        pid = self.running.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def start(self) -> None:
        program = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", self.address]
        self.command = [*program, *self.options, "dogbreed.wsgi"]
        super().start()
        if not self.port:
            self.wait_until(lambda: bool(self._listening()), "gunicorn listens")
            self.port = int(self._listening()[0])

    def _listening(self) -> list[str]:
        return re.findall(r"Listening at: .*:(\d+)", self.log.read_text())

    def wait(self, path: str = "/api/health/ready") -> None:
        self.wait_until(lambda: answers(self.port, path), f"{path} answers")


@contextmanager
def gunicorn(bundle: Path, var: Path, *options: str, migrated: bool = True, **environment: str) -> Iterator[Gunicorn]:
    """Serves `bundle`; the server writes to `var`. pytest shows the server's log where a test fails."""
    environment = {"DOGBREED_BUNDLE": str(bundle), "DOGBREED_VAR": str(var), **environment}
    var.mkdir(exist_ok=True)
    database = var / DATABASE
    if migrated and (database.exists() or OTHER_TABLES & environment.keys()):
        manage("migrate", "--verbosity", "0", **environment)
    elif migrated:
        database.write_bytes(migrated_database())
    server = Gunicorn(var.with_name(f"{var.name}.log"), environment, *options)
    try:
        server.start()
        server.wait("/api/health/live")  # it listens before it can answer
        yield server
    finally:
        server.stop()
        print(server.log.read_text())
