"""A real gunicorn process, for tests that ask over a real connection."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass
class Server:
    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """Process ids."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)


@contextmanager
def gunicorn(bundle: Path, var: Path, *options: str, migrated: bool = True, **environment: str) -> Iterator[Server]:
    """Serves `bundle` on a port of its own; what the server writes goes to `var`."""
    env = {**os.environ, "DOGBREED_BUNDLE": str(bundle), "DOGBREED_VAR": str(var), **environment}
    if migrated:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=env, check=True)
    command = ["gunicorn", "dogbreed.wsgi", "--config", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, *options], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        port = next(found[1] for line in process.stderr if (found := re.search(r"Listening at: .*:(\d+)", line)))
        reading = Thread(target=process.stderr.read)  # a full pipe would stop the server
        reading.start()
        server = Server(int(port), process)
        with closing(server.connect()) as connection:  # it listens before it can answer
            connection.request("GET", "/api/health/live")
            connection.getresponse().read()
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)
        reading.join()
        process.stderr.close()


def form(data: bytes) -> tuple[bytes, dict[str, str]]:
    """A multipart form with a photo in the field `image`: body and headers."""
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="dog.jpg"\r\n\r\n'
    return head + data + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


def post(connection: HTTPConnection, data: bytes) -> tuple[int, dict[str, Any]]:
    """Asks for a prediction: status and answer."""
    body, headers = form(data)
    connection.request("POST", "/predictImage", body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())
