"""Colours as breeds: the tiny bundle's network sees the mean colour of a photo, and is taught a fourth colour."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

COLOURS = {"blue_hound": (40, 50, 220), "green_hound": (40, 210, 60), "red_hound": (220, 50, 40)}
OTHERS = {"grey_hound": (128, 128, 128), "pink_hound": (240, 150, 190)}
YELLOW, CYAN = (230, 220, 40), (40, 220, 230)


def paint(folder: Path, colour: tuple[int, int, int], count: int, seed: int = 0) -> Path:
    """Photos of about one colour, no two of which look alike to a perceptual hash."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        random = np.random.default_rng([seed, number, *colour])
        coarse = random.normal(0, 25, (6, 6, 3)) + np.array(colour) + random.normal(0, 12, 3)
        photo = Image.fromarray(coarse.clip(0, 255).astype(np.uint8)).resize((60, 50), Image.Resampling.BICUBIC)
        photo.save(folder / f"{number:02}.png")
    return folder


@pytest.fixture(scope="session")
def teachable(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with a reference of painted photos."""
    folder = tmp_path_factory.mktemp("teachable")
    for breed, colour in COLOURS.items():
        paint(folder / "data" / "train" / breed, colour, 2)
        paint(folder / "data" / "valid" / breed, colour, 20, seed=1)
    for breed, colour in OTHERS.items():
        paint(folder / "data" / "other_breeds" / breed, colour, 10)
    bundle = Path(shutil.copytree(tiny_bundle, folder / "bundle"))
    call_command("teach", str(bundle), "--reference", str(folder / "data"))
    return bundle


@pytest.fixture
def yellow(tmp_path: Path) -> Path:
    return paint(tmp_path / "yellow", YELLOW, 5)
