"""The parts of production as processes of this machine: nginx, gunicorn and PostgreSQL, with the files of `deploy/`."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
AS_ROOT = os.geteuid() == 0
PASSWORD = "only for this test"  # of a server that listens on loopback and lives for a minute


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=90)) as connection:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())


def send_photo(port: int, data: bytes) -> Answer:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="dog.jpg"\r\n\r\n'
    body = head + data + b"\r\n--b--\r\n"
    return ask(port, "POST", "/predictImage", body, {"Content-Type": "multipart/form-data; boundary=b"})


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds} s in vain until {what}.")
        time.sleep(0.05)


def answers(port: int, path: str) -> bool:
    try:
        return ask(port, "GET", path).status == 200
    except (OSError, HTTPException):
        return False


class Process:
    """A server in the foreground; what it says goes to a file."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.command, self.log, self.environment = command, log, {**os.environ, **(environment or {})}
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(timeout=60)
            self._running = None


class Gunicorn(Process):
    """One instance of the API."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        config = str(DEPLOY / "gunicorn.conf.py")
        command = [sys.executable, "-m", "gunicorn", "--config", config, "--bind", self.address]
        super().__init__([*command, "dogbreed.wsgi"], folder / f"{name}.log", environment)

    def wait(self) -> None:
        wait_until(lambda: answers(self.port, "/api/health/ready"), f"gunicorn is ready; its log is {self.log}")

    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


def filled_in(template: str, values: dict[str, str]) -> str:
    """What envsubst makes of a template: `${NAME}` becomes the value of NAME."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], template)


class Nginx(Process):
    """nginx in front of some instances, with a folder of its own instead of /etc/nginx and /var/log/nginx."""

    def __init__(self, folder: Path, instances: list[Gunicorn], static: Path, rate: str = "1000r/s") -> None:
        self.port = free_port()
        self.access_log = folder / "access.log"
        values = {
            "NGINX_LISTEN": f"127.0.0.1:{self.port}",
            "NGINX_API_SERVERS": " ".join(
                f"server {instance.address} max_fails=3 fail_timeout=2s;" for instance in instances
            ),
            "NGINX_PAGE": str(ROOT / "frontend" / "dist"),
            "NGINX_STATIC": str(static),
            "NGINX_RATE": rate,
        }
        (folder / "conf.d").mkdir(parents=True)
        temporary = "".join(
            f"{kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "conf.d" / "folders.conf").write_text(temporary)
        site = filled_in((DEPLOY / "nginx" / "dogbreed.conf.template").read_text(), values)
        (folder / "conf.d" / "dogbreed.conf").write_text(site)
        main = (DEPLOY / "nginx" / "nginx.conf").read_text().replace("/var/log/nginx", str(folder))
        (folder / "nginx.conf").write_text(main)
        # Its workers become `nobody` where root starts it, who may not read pytest's folders.
        here = f"daemon off; pid {folder / 'nginx.pid'};" + (" user root;" if AS_ROOT else "")
        super().__init__(["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", here], folder / "nginx.log")

    def wait(self) -> None:
        wait_until(lambda: answers(self.port, "/static/" + STATIC_FILE), f"nginx answers; its log is {self.log}")

    def uses(self, instance: Gunicorn) -> bool:
        """Whether it sends requests to this instance, asked with one: it leaves those alone for a while that failed."""
        return ask(self.port, "GET", "/api/").status == 200 and self.requests()[-1]["upstreams"] == instance.address

    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.access_log.read_text().splitlines()]


STATIC_FILE = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"


def postgresql_programs() -> Path | None:
    """The folder with initdb and pg_ctl: Debian keeps them off the PATH, one folder a version."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "pg_ctl").exists()), None)


class Postgres:
    """A cluster of its own, in `folder`; PostgreSQL refuses to run as root, so it runs as `postgres` then."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()
        self.url = f"postgres://dogbreed:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/postgres"
        password = folder / "password"
        password.write_text(PASSWORD)
        if AS_ROOT:
            shutil.chown(folder, "postgres")
        options = ["--username", "dogbreed", "--auth", "scram-sha-256", "--pwfile", str(password), "--no-sync"]
        self._run("initdb", "--pgdata", str(folder / "data"), "--encoding", "UTF8", "--locale", "C", *options)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._pg_ctl("--log", str(self.folder / "log"), "--options", options, "start")

    def stop(self) -> None:
        self._pg_ctl("--mode", "fast", "stop")

    def running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists()

    def _pg_ctl(self, *words: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self.folder / "data"), "--wait", *words)

    def _run(self, program: str, *words: str) -> None:
        command = [*(("runuser", "-u", "postgres", "--") if AS_ROOT else ()), str(self.programs / program), *words]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def manage(*words: str, environment: dict[str, str]) -> str:
    """Runs `manage.py` and returns what it says."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(words)} failed: {done.stderr}")
    return done.stdout
