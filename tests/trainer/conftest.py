"""A small, generated data set: three made-up breeds that a small network can tell apart."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from django.core.management import call_command
from PIL import Image, ImageDraw

from tests.once import made_once
from trainer.training.run_folder import Run

BREEDS = ("round_hound", "square_spaniel", "striped_terrier")
PHOTOS_PER_BREED = 40

QUICK_RECIPE = """
description = "A small network from nothing, for made-up breeds."
architecture = "test_resnet"

[input]
train_size = 64
size = 64

[augmentation]
crop_scale = [0.7, 1.0]

[optimizer]
lr = 3e-3

[training]
epochs = 16  # to the end: a half-trained network answers differently on each processor
batch_size = 8
patience = 16
validation_fraction = 0.2
precision = "float32"  # tests assert what this training learned, so it must not depend on the processor
"""


def draw_dog(breed: str, seed: int) -> Image.Image:
    """A photo of a made-up breed: its shape and its colours tell, its place and the background do not."""
    random = np.random.default_rng(seed)
    lawn = random.integers(20, 180, (16, 18, 3), np.uint8)  # no two photos alike: organizing would keep them together
    photo = Image.fromarray(lawn).resize((96, 80), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(photo)
    left, top = (int(value) for value in random.integers(5, 25, 2))
    if breed == "round_hound":
        draw.ellipse((left, top, left + 50, top + 50), fill=(220, 60, 40))
    elif breed == "square_spaniel":
        draw.rectangle((left, top, left + 50, top + 50), fill=(40, 200, 80))
    else:
        for x in range(left, left + 60, 10):
            draw.rectangle((x, top, x + 4, top + 50), fill=(240, 240, 250))
    return photo


def write_kaggle(folder: Path, breeds: dict[str, int]) -> Path:
    """Photos laid out as Kaggle ships them: `labels.csv` and `train/<id>.jpg`, so many of each breed."""
    (folder / "train").mkdir(parents=True)
    lines = ["id,breed"]
    for number, (breed, count) in enumerate(breeds.items()):
        for index in range(count):
            photo_id = f"{number:02x}{index:06x}"
            draw_dog(breed, number * 1000 + index).save(folder / "train" / f"{photo_id}.jpg", quality=92)
            lines.append(f"{photo_id},{breed}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@dataclass(frozen=True)
class Trained:
    data: Path
    recipe: Path
    run: Run


@pytest.fixture(autouse=True, scope="session")
def exporter_is_not_measured() -> Iterator[None]:
    """A small network's export spends its time in PyTorch's Python code, where coverage has nothing to measure."""
    export = torch.onnx.export

    def not_measured(*given: Any, **options: Any) -> Any:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return export(*given, **options)
        finally:
            sys.settrace(tracer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.onnx, "export", not_measured)
        yield


@pytest.fixture(scope="session")
def organized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "photos", _organize) / "data"


def _organize(folder: Path) -> None:
    kaggle = write_kaggle(folder / "kaggle", dict.fromkeys(BREEDS, PHOTOS_PER_BREED))
    call_command("organize", str(kaggle), str(folder / "data"), verbosity=0, skip_checks=True)


@pytest.fixture(scope="session")
def trained(organized: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """What `manage.py train` makes of the three breeds, with nothing pretrained. Tests do not change it."""

    def train(folder: Path) -> None:
        recipe, run, cache = folder / "quick.toml", folder / "run", folder / "cache"
        recipe.write_text(QUICK_RECIPE)
        call_command("train", data=organized, recipe=str(recipe), weights="none", run=run, cache=cache)

    folder = made_once(tmp_path_factory, "trained", train)
    return Trained(organized, folder / "quick.toml", Run(folder / "run"))
