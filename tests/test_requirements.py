"""requirements/lock/ is what `make lock` makes of requirements/."""

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.http import ROOT

REQUIREMENTS = ROOT / "requirements"
INPUTS = {"serve": ["serve"], "train": ["serve", "train"], "dev": ["serve", "train", "dev"]}
LOCKED = re.compile(r"^(\S.*?==\S+)(?: ; .+)? \\\n(?:    --hash=\S+(?: \\)?\n)+((?:    #.*\n)+)", re.MULTILINE)


def asked_for(name: str) -> set[str]:
    """`name==version` of a list's direct dependencies, without extras and comments."""
    lines = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    return {without_extras(line.split()[0]) for line in lines if line and not line.startswith("#")}


def without_extras(package: str) -> str:
    return re.sub(r"\[.*\]", "", package)


def locked_packages(name: str) -> list[str]:
    return list(locked(REQUIREMENTS / "lock" / f"{name}.txt"))


def installed_requirements(package: str) -> list[str]:
    """What a package needs, or nothing where it is not installed, as packages for other platforms are not."""
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


def locked(path: Path) -> dict[str, str]:
    """What each `name==version` is there for."""
    return dict(LOCKED.findall(path.read_text()))


@pytest.mark.parametrize("lock", INPUTS)
def test_a_lock_has_exactly_the_direct_dependencies_that_its_lists_name(lock):
    reasons = locked(REQUIREMENTS / "lock" / f"{lock}.txt")
    for name in INPUTS[lock]:
        direct = {without_extras(package) for package, why in reasons.items() if f"-r requirements/{name}.txt\n" in why}
        assert direct == asked_for(name), "Run: make lock"


def test_serving_and_training_take_the_versions_that_the_tests_ran_with():
    serve, train, dev = (locked(REQUIREMENTS / "lock" / f"{name}.txt").keys() for name in INPUTS)
    assert serve <= train <= dev


def test_a_server_needs_no_pytorch():
    names = {Requirement(package).name for package in locked(REQUIREMENTS / "lock" / "serve.txt")}
    assert names >= {"django", "openvino"}
    assert not names & {"torch", "torchvision", "timm", "lightning", "pandas", "scipy"}


def test_every_package_of_a_lock_has_a_hash():
    for name in INPUTS:
        text = (REQUIREMENTS / "lock" / f"{name}.txt").read_text()
        assert len(locked(REQUIREMENTS / "lock" / f"{name}.txt")) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))


def test_every_extra_that_a_package_asks_for_is_pinned():
    """pip 23 takes the newest `coverage[toml]`, whatever a line of `coverage` says, and then misses its hash."""
    pinned = {canonicalize_name(each.name): each.extras for each in map(Requirement, locked_packages("dev"))}
    asked = [
        needed
        for package, extras in pinned.items()
        for needed in map(Requirement, installed_requirements(package))
        if needed.extras and canonicalize_name(needed.name) in pinned
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]
    assert {needed.name for needed in asked} >= {"coverage"}
    assert not [str(needed) for needed in asked if not needed.extras <= pinned[canonicalize_name(needed.name)]], (
        "Run: make lock"
    )
