"""requirements/lock/ is what `make lock` makes of requirements/."""

import re
from pathlib import Path

import pytest

from tests.http import ROOT

REQUIREMENTS = ROOT / "requirements"
INPUTS = {"serve": ["serve"], "train": ["serve", "train"], "dev": ["serve", "train", "dev"]}
LOCKED = re.compile(r"^(\S+==\S+)(?: ; .+)? \\\n(?:    --hash=\S+(?: \\)?\n)+((?:    #.*\n)+)", re.MULTILINE)


def asked_for(name: str) -> set[str]:
    """`name==version` of a list's direct dependencies, without extras and comments."""
    lines = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    return {re.sub(r"\[.*\]", "", line.split()[0]) for line in lines if line and not line.startswith("#")}


def locked(path: Path) -> dict[str, str]:
    """What each `name==version` is there for."""
    return dict(LOCKED.findall(path.read_text()))


@pytest.mark.parametrize("lock", INPUTS)
def test_a_lock_has_exactly_the_direct_dependencies_that_its_lists_name(lock):
    reasons = locked(REQUIREMENTS / "lock" / f"{lock}.txt")
    for name in INPUTS[lock]:
        direct = {package for package, why in reasons.items() if f"-r requirements/{name}.txt\n" in why}
        assert direct == asked_for(name), "Run: make lock"


def test_serving_and_training_take_the_versions_that_the_tests_ran_with():
    serve, train, dev = (locked(REQUIREMENTS / "lock" / f"{name}.txt").keys() for name in INPUTS)
    assert serve <= train <= dev


def test_a_server_needs_no_pytorch():
    names = {package.split("==")[0] for package in locked(REQUIREMENTS / "lock" / "serve.txt")}
    assert names >= {"django", "openvino"}
    assert not names & {"torch", "torchvision", "timm", "lightning", "pandas", "scipy"}


def test_every_package_of_a_lock_has_a_hash():
    for name in INPUTS:
        text = (REQUIREMENTS / "lock" / f"{name}.txt").read_text()
        assert len(locked(REQUIREMENTS / "lock" / f"{name}.txt")) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
