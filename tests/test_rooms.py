"""Sizes and names of modules. `lint-imports` checks what they import."""

from collections import defaultdict
from pathlib import Path

from tests.http import ROOT

PARTS = ("dogbreed", "trainer", "api")
MOST_LINES = 300
DJANGO = {"urls", "management", "commands", "migrations"}  # names that Django gives
# The only names that two rooms may share, because one mirrors the other.
MIRRORS = {
    "photos": {"dogbreed/photos", "trainer/photos"},  # decoding one photo; folders of photos
    "calibration": {"dogbreed/answers", "trainer/calibration"},  # what a bundle says; how it is fitted
    "training": {"trainer/training", "trainer/benchmarks"},  # the second measures the first
    "models": {"api", "api/management/commands"},  # Django's name for tables; `manage.py models`
    "model": {"dogbreed/model", "api/views", "api/serializers"},  # the model; what /api/model says about it
    **{
        name: {"api/views", "api/serializers"}
        for name in ("breed_photos", "operations", "predict_image", "predictions", "root")
    },
}


def modules() -> list[Path]:
    return [path.relative_to(ROOT) for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))]


def named() -> list[tuple[str, str]]:
    """Every module and package with the room that it lies in; a package is its own room."""
    found = []
    for path in modules():
        room = path.parent.as_posix()
        if path.name != "__init__.py":
            found.append((path.stem, room))
        elif len(path.parts) > 2:
            found.append((path.parent.name, room))
    return found


def test_no_module_is_longer_than_one_can_take_in():
    files = [*modules(), *(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))]
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_two_rooms_share_a_name_only_where_one_mirrors_the_other():
    rooms = defaultdict(set)
    for name, room in named():
        rooms[name].add(room)
    commands = "trainer/management/commands"  # a command has the name of the module that does its work
    shared = {
        name: found
        for name, found in rooms.items()
        if len(found) > 1 and name not in DJANGO and not (commands in found and len(found) == 2)
    }
    assert {name: found for name, found in shared.items() if not found <= MIRRORS.get(name, set())} == {}
