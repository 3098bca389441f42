import json
import tomllib
from pathlib import Path

from dogbreed import __version__

ROOT = Path(__file__).parents[2]


def test_the_product_has_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    package, lock = (json.loads((ROOT / name).read_text()) for name in ("package.json", "package-lock.json"))
    versions = [project["version"], package["version"], lock["version"], lock["packages"][""]["version"]]
    assert versions == [__version__] * 4
