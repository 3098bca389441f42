"""`predict` and `benchmark serving` run where only what serves is installed: no PyTorch, no code that trains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dogbreed.test_import_rules import TORCH
from tests.trainer.conftest import BREEDS, draw_dog

ROOT = Path(__file__).parents[2]
TRAINING = {
    "auditing", "bundles", "calibration", "cleaning", "collecting", "comparing", "console", "evaluation", "networks",
    "pipeline", "recipes", "retraining", "teaching", "training",
}  # fmt: skip
LOADED = """
import json, sys, django
django.setup()
from importlib import import_module
import_module("trainer.management.commands.{command}")
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("command", ["predict", "benchmark"])
def test_the_command_loads_nothing_that_trains(command):
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(command=command)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    modules = [name.split(".") for name in json.loads(done.stdout.splitlines()[-1])]
    assert not {first for first, *_ in modules} & (TORCH | {"pandas", "rich", "scipy", "sklearn", "filelock"})
    assert not {rooms[0] for first, *rooms in modules if first == "trainer" and rooms} & TRAINING


def test_predict_answers_where_no_training_code_was_copied(trained, tmp_path):
    """As in the served image, where importing any of these modules fails."""
    draw_dog(BREEDS[0], 1).save(tmp_path / "dog.png")
    absent = [f"trainer.{room}" for room in sorted(TRAINING)] + sorted(TORCH)
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({absent}));"
        "from django.core.management import execute_from_command_line as run;"
        f"run(['manage.py', 'predict', {str(tmp_path / 'dog.png')!r}, '--bundle', {str(trained.run.bundle)!r},"
        " '--format', 'json'])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert json.loads(done.stdout)["breed"] in BREEDS
