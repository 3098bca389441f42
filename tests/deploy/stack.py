"""nginx and PostgreSQL as processes of this machine, with the files of `deploy/`."""

import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.http import ROOT, Gunicorn, Process, answers, ask

DEPLOY = ROOT / "deploy"
AS_ROOT = os.geteuid() == 0
PASSWORD = "only for this test"  # of a server that listens on loopback for a minute


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def filled_in(template: str, values: dict[str, str]) -> str:
    """Fills in a template as envsubst does: `${NAME}` becomes the value of NAME."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], template)


class Nginx(Process):
    """nginx in front of some instances. Its own folder takes the place of /etc/nginx and /var/log/nginx.

    With `certificates`, a folder, it speaks HTTPS, and the port `plain` redirects.
    """

    def __init__(
        self,
        folder: Path,
        instances: list[Gunicorn],
        static: Path,
        rate: str = "1000r/s",
        certificates: Path | None = None,
    ) -> None:
        self.port, self.plain = free_port(), free_port()
        self.access_log = folder / "access.log"
        values = {
            "NGINX_LISTEN": f"127.0.0.1:{self.port}{' ssl' if certificates else ''}",
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
        if certificates:
            tls = (DEPLOY / "nginx" / "tls.conf").read_text().replace("/etc/ssl/dogbreed", str(certificates))
            (folder / "conf.d" / "tls.conf").write_text(tls.replace("listen 80 ", f"listen 127.0.0.1:{self.plain} "))
        main = (DEPLOY / "nginx" / "nginx.conf").read_text().replace("/var/log/nginx", str(folder))
        (folder / "nginx.conf").write_text(main)
        # Started by root, its workers would run as `nobody`, who cannot read pytest's folders.
        here = f"daemon off; pid {folder / 'nginx.pid'};" + (" user root;" if AS_ROOT else "")
        super().__init__(["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", here], folder / "nginx.log")

    def wait(self) -> None:
        self.wait_until(lambda: answers(self.port, "/static/" + STATIC_FILE), "nginx answers")

    def uses(self, instance: Gunicorn) -> bool:
        """Sends a request and tells whether this instance answered. nginx avoids an instance that failed."""
        return ask(self.port, "GET", "/api/").status == 200 and self.requests()[-1]["upstreams"] == instance.address

    def requests(self) -> list[dict[str, Any]]:
        complete = self.access_log.read_text().rpartition("\n")[0]  # nginx may be writing the next line
        return [json.loads(line) for line in complete.splitlines()]


STATIC_FILE = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"


def postgresql_programs() -> Path | None:
    """The folder with initdb and pg_ctl. Debian has one for each version, outside the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "pg_ctl").exists()), None)


class Postgres:
    """A cluster in `folder`. PostgreSQL refuses to run as root, so root starts it as `postgres`."""

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
