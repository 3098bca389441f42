"""Databases that cannot be used, and what a visitor and an operator are told."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.deploy.stack import Postgres, postgresql_programs
from tests.http import DATABASE, ROOT, migrated_database

pytestmark = pytest.mark.slow

# What is asked of the server: the statistics, a prediction, feedback on it. Prints a status and a code for each.
PROGRAM = """
import django; django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.image_files import RED, encoded, plain

client = Client(raise_request_exception=False)
statistics = client.get("/api/stats")
answer = client.post("/predictImage", {"image": SimpleUploadedFile("dog.jpg", encoded(plain(RED)))})
feedback = client.post(f"/api/predictions/{answer.json()['id']}/feedback", {"right": "true"})
for response in (statistics, answer, feedback):
    print(response.status_code, response.json().get("code", "stored" if response.json().get("stored") else ""))
"""


def ask(database: str, bundle: Path, var: Path) -> subprocess.CompletedProcess[str]:
    """Asks a server with this database in a process of its own."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "dogbreed.settings",
        "DATABASE_URL": database,
        "DOGBREED_BUNDLE": str(bundle),
        "DOGBREED_VAR": str(var),
        "DOGBREED_ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def database(tmp_path):
    """A real SQLite file with all tables."""
    path = tmp_path / DATABASE
    path.write_bytes(migrated_database())
    return path


def test_a_whole_database_stores_answers_and_feedback(database, tiny_bundle, tmp_path):
    done = ask(f"sqlite:///{database}", tiny_bundle, tmp_path)
    assert done.stdout.splitlines() == ["200 ", "200 stored", "201 "]
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_database_is_a_server_error_with_a_traceback(database, tiny_bundle, tmp_path):
    database.write_bytes(b"This is not a database." * 1000)
    done = ask(f"sqlite:///{database}", tiny_bundle, tmp_path)
    assert done.stdout.splitlines() == ["500 server_error", "200 ", "500 server_error"]
    assert "Traceback" in done.stderr
    assert "DatabaseError: file is not a database" in done.stderr


def test_tables_of_another_version_are_a_server_error_with_a_traceback(database, tiny_bundle, tmp_path):
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE api_feedback")
        columns = "prediction_id char(32) PRIMARY KEY, breed text, right bool, created datetime, mood text NOT NULL"
        connection.execute(f"CREATE TABLE api_feedback ({columns})")
    done = ask(f"sqlite:///{database}", tiny_bundle, tmp_path)
    assert done.stdout.splitlines() == ["200 ", "200 stored", "500 server_error"]
    assert "Traceback" in done.stderr
    assert "IntegrityError: NOT NULL constraint failed: api_feedback.mood" in done.stderr


PROGRAMS = postgresql_programs()


@pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL: apt-get install postgresql")
def test_a_missing_table_in_postgresql_is_a_server_error_and_a_stopped_postgresql_is_not(tiny_bundle, tmp_path):
    assert PROGRAMS is not None
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(PROGRAMS, Path(folder))
        server.start()
        try:
            done = ask(server.url, tiny_bundle, tmp_path)
            assert done.stdout.splitlines() == ["500 server_error", "200 ", "500 server_error"]
            assert 'ProgrammingError: relation "api_prediction" does not exist' in done.stderr
            assert "Traceback" in done.stderr
        finally:
            server.stop()
        done = ask(server.url, tiny_bundle, tmp_path)
        assert done.stdout.splitlines() == ["503 history_unavailable", "200 ", "503 history_unavailable"]
        assert "Traceback" not in done.stderr
        assert "The database cannot be used: connection failed" in done.stderr
