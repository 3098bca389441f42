"""The files of an image without an image."""

import shutil
from pathlib import Path

from tests.http import ROOT


def copy_as_in_dockerfile(name: str, target: str, folder: Path) -> None:
    """Copies a file or folder of the repository to where `COPY name target` puts it below `folder`."""
    place = folder / target / Path(name).name if target.endswith("/") else folder / target
    place.parent.mkdir(parents=True, exist_ok=True)
    if (ROOT / name).is_dir():
        shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(ROOT / name, place)
