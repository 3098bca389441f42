import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.http import ROOT


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
