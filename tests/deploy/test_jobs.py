"""The units and jobs beside the server: systemd accepts them, and what they run works without a terminal."""

import configparser
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from tests.deploy.stack import DEPLOY, Postgres, postgresql_programs
from tests.http import DATABASE, ROOT, Gunicorn, gunicorn, manage, migrated_database, send_photo, wait_until

pytestmark = pytest.mark.slow

PROGRAMS = postgresql_programs()
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))


def unit(name: str) -> configparser.RawConfigParser:
    read = configparser.RawConfigParser(strict=False)  # the last of several equal keys
    read.read_string((DEPLOY / name).read_text())
    return read


def job(name: str) -> dict[str, Any]:
    """The only container of a Job or CronJob."""
    spec = yaml.safe_load((DEPLOY / "kubernetes" / name).read_text())["spec"]
    (container,) = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]["containers"]
    return dict(container)


PRUNING = {
    "the systemd timer": unit("dogbreed-prune.service")["Service"]["ExecStart"].split(),
    "the CronJob": job("pruning.yaml")["command"],
}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_accepts_every_unit(tmp_path):
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/dogbreed", str(ROOT)))
    command = ["systemd-analyze", "verify", *(str(tmp_path / path.name) for path in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "dogbreed" in line]
    assert (done.returncode, ours) == (0, [])


def test_a_timer_starts_a_unit_that_is_there():
    for path in UNITS:
        assert path.suffix == ".service" or path.with_suffix(".service") in UNITS


@pytest.mark.parametrize("command", PRUNING.values(), ids=PRUNING)
@pytest.mark.parametrize(("days", "left"), [("30", 0), ("0", 1)])
def test_old_answers_are_deleted_at_night(tmp_path, command, days, left):
    environment = {"DOGBREED_VAR": str(tmp_path), "DOGBREED_KEEP_DAYS": days}
    (tmp_path / DATABASE).write_bytes(migrated_database())
    fields = dict.fromkeys(("probability", "width", "height", "decode_ms", "inference_ms", "elapsed_ms"), 1)
    created = timezone.now() - timedelta(days=31)
    make = f"import datetime; Prediction.objects.create(probabilities={{}}, created={created!r}, **{fields})"
    manage("shell", "-v", "0", "-c", f"from api.models import Prediction; {make}", **environment)
    words = [sys.executable, *command[1:]]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0, done.stderr
    count = manage(
        "shell", "-v", "0", "-c", "from api.models import Prediction; print(Prediction.objects.count())", **environment
    )
    assert count.strip() == str(left)
    assert Path(command[0]).name == "python"


def reload(server: Gunicorn) -> bool:
    """Does what `systemctl reload` does: each command after the one before has succeeded. Tells whether all have."""
    for line in (DEPLOY / "dogbreed.service").read_text().splitlines():
        if line.startswith("ExecReload="):
            command = line.removeprefix("ExecReload=").replace("$MAINPID", str(server.running.pid)).split()
            if command[0].endswith("/python"):
                command[0] = sys.executable
            done = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True)
            if done.returncode:
                return False
    return True


def test_a_reload_changes_the_tables_before_it_replaces_the_workers(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path / "var", migrated=False) as server:
        assert send_photo(server.port).json["stored"] is False
        old = server.workers
        assert reload(server)
        wait_until(lambda: server.workers != [] and set(server.workers).isdisjoint(old), "the workers are new")
        assert send_photo(server.port).json["stored"] is True


def test_a_reload_that_cannot_change_the_tables_leaves_the_workers_alone(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path / "var") as server:
        old = server.workers
        server.environment["DATABASE_URL"] = f"sqlite:///{tmp_path}/no/such/folder/database"
        assert not reload(server)
        assert send_photo(server.port).json["stored"] is True
        assert server.workers == old


@pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL: apt-get install postgresql")
def test_a_migration_of_postgresql_has_no_limit_of_time_and_an_answer_has_one(tmp_path):
    assert PROGRAMS is not None
    program = """
from django.core.management import call_command
from django.db import connection
for step in ("before", "after"):
    cursor = connection.cursor()
    cursor.execute("SHOW statement_timeout")
    print(step, *cursor.fetchone())
    call_command("migrate", verbosity=0)
"""
    with tempfile.TemporaryDirectory() as folder:
        database = Postgres(PROGRAMS, Path(folder))
        database.start()
        try:
            said = manage("shell", "-v", "0", "-c", program, DATABASE_URL=database.url, DOGBREED_VAR=str(tmp_path))
        finally:
            database.stop()
    assert said.splitlines() == ["before 3s", "after 0"]
