import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.stack import free_port
from tests.http import ROOT, Process, answers, ask


def make(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """make with the tree's Makefile in an empty folder, where `programs` come before all others."""
    shutil.copy(ROOT / "Makefile", folder)
    path = f"{folder / 'programs'}:{os.environ['PATH']}"
    outer = {"MAKEFLAGS", "MAKELEVEL", "MAKEFILES", "MFLAGS"}  # of a make that runs the tests
    environment = {name: value for name, value in os.environ.items() if name not in outer} | {"PATH": path}
    return subprocess.run(["make", *words], cwd=folder, env=environment, capture_output=True, text=True)


def program(folder: Path, name: str, script: str) -> None:
    (folder / "programs").mkdir(exist_ok=True)
    file = folder / "programs" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "accepted"),
    [("v18.20.4", False), ("v20.9.0", False), ("v20.18.3", False), ("v20.19.0", True), ("v22.12.0", True)],
)
def test_the_page_needs_the_node_that_vite_needs(tmp_path, version, accepted):
    program(tmp_path, "node", f"echo {version}")
    program(tmp_path, "npm", "exit 0")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "frontend").mkdir()
    done = make(tmp_path, ".make/node")
    assert (done.returncode == 0) is accepted
    assert ("Node 20.19 or newer is needed" in done.stdout) is not accepted


def test_make_alone_lists_every_target(tmp_path):
    (tmp_path / "frontend").mkdir()
    done = make(tmp_path)
    listed = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("make ")]
    (phony,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")]
    assert listed == phony.split()[1:]
    assert not done.stderr


# What `make run` depends on, in the order in which it was made
INSTALLED = [
    "requirements/lock/serve.txt",
    "package.json",
    "package-lock.json",
    ".venv/bin/python",
    ".venv/bin/gunicorn",
]
BUILT = [".make/serve", ".make/node", "frontend/dist/index.html"]


def complete(folder: Path, names: list[str], script: str) -> None:
    """Programs of these names, each older than the next."""
    for age, name in enumerate(reversed(names)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        os.utime(file, (1_000_000_000 - age, 1_000_000_000 - age))


@pytest.fixture
def installed(tmp_path):
    """A folder in which `make run` has nothing to install or build. It runs this tree's server."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    module = 'case "$0" in *gunicorn) module="-m gunicorn" ;; esac'
    complete(tmp_path, INSTALLED + BUILT, f'{module}; cd {ROOT} && exec {sys.executable} $module "$@"')
    return tmp_path


@pytest.mark.parametrize("broken", ["npm test", "mypy", "pytest", "nothing"])
def test_make_test_shows_what_failed_and_what_the_other_language_says(tmp_path, broken):
    locks = [f"requirements/lock/{name}.txt" for name in ("serve", "train", "dev")]
    programs = [f".venv/bin/{name}" for name in ("python", "ruff", "mypy", "lint-imports")]
    stamps = [f".make/{name}" for name in ("serve", "train", "dev", "node")]
    says = f'said="${{0##*/}} $*"; echo "said: $said"; case "$said" in *{broken!r}*) exit 3 ;; esac'
    npm = ["package.json", "package-lock.json"]
    complete(tmp_path, [*locks, *npm, *programs, *stamps, "frontend/dist/index.html"], says)
    program(tmp_path, "npm", says)
    done = make(tmp_path, "test")
    assert (done.returncode == 0) is (broken == "nothing"), done.stderr
    assert broken in done.stdout or broken == "nothing"
    assert ("said: npm run e2e" in done.stdout) is (broken != "npm test")
    assert ("said: python -m tests.coverage_by_room" in done.stdout) is (broken not in ("mypy", "pytest"))


def run(folder: Path, bundle: Path, *words: str, **environment: str) -> Process:
    environment = {"DOGBREED_BUNDLE": str(bundle), "DOGBREED_VAR": str(folder / "var"), **environment}
    server = Process(["make", "--directory", str(folder), "run", *words], folder / "log", environment)
    server.start()
    return server


def own_address() -> str:
    return subprocess.check_output([sys.executable, "deploy/own_address.py"], cwd=ROOT, text=True).strip()


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_server_answers_at_the_address_that_make_prints(installed, tiny_bundle, host):
    port = free_port()
    server = run(installed, tiny_bundle, f"HOST={host}", f"PORT={port}")
    try:
        server.wait_until(lambda: answers(port, "/api/health/live"), "the server answers")
        (address,) = re.findall(rf"^Dogbreed: http://(.*):{port}/ ", server.log.read_text(), re.MULTILINE)
        assert address == (host if host == "127.0.0.1" else own_address())
        assert ask(port, "GET", "/api/", headers={"Host": f"{address}:{port}"}).status == 200
        assert ask(port, "GET", "/api/", headers={"Host": f"localhost:{port}"}).status == 200
        assert ask(port, "GET", "/api/", headers={"Host": "dogs.example.org"}).status == 400
    finally:
        server.stop()


@pytest.mark.slow
def test_hosts_that_the_operator_names_replace_those_of_make(installed, tiny_bundle):
    port = free_port()
    server = run(installed, tiny_bundle, f"PORT={port}", DOGBREED_ALLOWED_HOSTS="127.0.0.1")
    try:
        server.wait_until(lambda: answers(port, "/api/health/live"), "the server answers")
        assert ask(port, "GET", "/api/", headers={"Host": f"localhost:{port}"}).status == 400
    finally:
        server.stop()
