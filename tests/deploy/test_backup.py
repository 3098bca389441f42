"""The commands under "Backup" in deploy/README.md, as an operator types them: answers and photos survive a loss."""

import getpass
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.stack import DEPLOY, Postgres, postgresql_programs
from tests.http import Gunicorn, ask, gunicorn, send_photo

pytestmark = pytest.mark.slow

PROGRAMS = postgresql_programs()
needs_sqlite = pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs sqlite3: apt-get install sqlite3")
needs_postgresql = pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL: apt-get install postgresql")


class Operator:
    """Somebody who types commands of the README, on a machine whose server writes to `var`."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder, self.database, self.var = folder, database, folder / "var"
        (folder / "backups").mkdir()

    def types(self, heading: str, which: int) -> None:
        """Runs a block of shell commands: the first under a heading backs up, the second restores."""
        section = (DEPLOY / "README.md").read_text().split(f"### {heading}\n")[1].split("\n#")[0]
        script = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[which]
        places = {"/var/lib/dogbreed": str(self.var), "/var/backups": str(self.folder / "backups")}
        places["chown dogbreed:dogbreed"] = f"chown {getpass.getuser()}"
        for written, here in places.items():
            script = script.replace(written, here)
        environment = os.environ | {"DATABASE_URL": self.database, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    def backs_up(self, heading: str) -> None:
        self.types(heading, 0)
        self.types("Photos and the secret key", 0)

    def restores(self, heading: str) -> None:
        self.types(heading, 1)
        self.types("Photos and the secret key", 1)


def answer(server: Gunicorn) -> str:
    """Asks for a prediction and returns the path of its stored answer."""
    answered = send_photo(server.port).json
    assert answered["stored"]
    return f"/api/predictions/{answered['id']}"


@contextmanager
def stopped(server: Gunicorn) -> Iterator[None]:
    server.stop()
    yield
    server.start()
    server.wait()


@needs_sqlite
def test_a_lost_sqlite_database_and_lost_photos_are_restored(tiny_bundle, tmp_path):
    operator = Operator(tmp_path)
    photo = operator.var / "photos" / "kept.jpg"
    with gunicorn(tiny_bundle, operator.var) as server:
        photo.parent.mkdir()
        photo.write_bytes(b"a photo")
        key = (operator.var / "secret_key").read_text()
        saved = answer(server)
        operator.backs_up("SQLite")
        later = answer(server)
        with stopped(server):
            (operator.var / "dogbreed.sqlite3").write_bytes(b"This is not a database." * 1000)
            (operator.var / "dogbreed.sqlite3-wal").write_bytes(b"Neither is this.")
            (operator.var / "secret_key").unlink()
            shutil.rmtree(photo.parent)
            operator.restores("SQLite")
        assert ask(server.port, "GET", saved).json["breed"] == "red_hound"
        assert ask(server.port, "GET", later).status == 404
        assert photo.read_bytes() == b"a photo"
        assert (operator.var / "secret_key").read_text() == key


@pytest.fixture
def postgres():
    assert PROGRAMS is not None
    with tempfile.TemporaryDirectory() as folder:
        database = Postgres(PROGRAMS, Path(folder))
        database.start()
        yield database
        database.stop()


@needs_postgresql
@pytest.mark.parametrize("moved", [False, True], ids=["over the damaged database", "into an empty database"])
def test_a_lost_postgresql_database_is_restored(tiny_bundle, tmp_path, postgres, moved):
    operator = Operator(tmp_path, postgres.url)
    with gunicorn(tiny_bundle, operator.var, DATABASE_URL=postgres.url) as server:
        saved = answer(server)
        operator.backs_up("PostgreSQL")
        later = answer(server)
        with stopped(server):
            psql = [str(postgres.programs / "psql"), "--quiet", "--command"]
            if moved:
                subprocess.run([*psql, "CREATE DATABASE another", postgres.url], check=True)
                operator.database = server.environment["DATABASE_URL"] = f"{postgres.url.rpartition('/')[0]}/another"
            else:
                subprocess.run(
                    [*psql, "DROP TABLE api_feedback; TRUNCATE api_prediction CASCADE", postgres.url], check=True
                )
            operator.restores("PostgreSQL")
        assert ask(server.port, "GET", saved).json["breed"] == "red_hound"
        assert ask(server.port, "GET", later).status == 404
        answer(server)
