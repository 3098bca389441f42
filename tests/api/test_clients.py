"""Clients of the API against a real server: those of api/README.md."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http import RED_JPEG, ROOT, Gunicorn, gunicorn
from tests.image_files import BLUE, encoded, plain

pytestmark = pytest.mark.slow

EXAMPLES = re.findall(r"^```(sh|python)\n(.+?)^```", (ROOT / "api" / "README.md").read_text(), re.DOTALL | re.MULTILINE)
CURL = [text for language, text in EXAMPLES if language == "sh"]
(PYTHON,) = [text for language, text in EXAMPLES if language == "python"]


@pytest.fixture(scope="module")
def server(trusted_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gunicorn]:
    with gunicorn(trusted_bundle, tmp_path_factory.mktemp("clients") / "var", DOGBREED_KEEP_PHOTOS="yes") as server:
        yield server


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with the photos of the examples."""
    for name in ("dog.jpg", "rex.jpg"):
        (tmp_path / name).write_bytes(RED_JPEG)
    (tmp_path / "bella.png").write_bytes(encoded(plain(BLUE), "PNG"))
    return tmp_path


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_client_of_the_documentation_prints_the_breeds(server, photos):
    (photos / "bella.png").write_bytes(b"")
    lines = run(photos, sys.executable, "-c", PYTHON.replace("http://127.0.0.1:8000", server.url)).splitlines()
    assert re.fullmatch(r"Red Hound: \d+%", lines[0])
    assert lines[1:] == ["empty_file: This file is empty. Choose another file."]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("command", CURL)
def test_the_curl_commands_of_the_documentation_get_answers(server, photos, command):
    assert '"breed":"red_hound"' in run(photos, "sh", "-ec", command.replace("http://127.0.0.1:8000", server.url))
