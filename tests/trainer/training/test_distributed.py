"""Several processes, started by torchrun as they would be on several GPUs or machines."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from dogbreed.model.bundle import read_bundle
from trainer.distributed import World

ROOT = Path(__file__).parents[3]
SETTINGS = ["architecture=simple-cnn", "head.dropout=0.0", "training.epochs=3", "optimizer.lr=1e-3"]


def test_three_processes_learn_what_one_learns(trained, tmp_path):
    """They cannot divide a batch of 8 equally, and the last two photos to validate on are too few for three."""
    options = ["train", "--data", str(trained.data), "--recipe", str(trained.recipe), "--weights", "none"]
    options += ["--cache", str(tmp_path / "cache"), *(f"--set={setting}" for setting in SETTINGS)]
    one, three = tmp_path / "one", tmp_path / "three"
    call_command(*options, "--run", str(one))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "3"]
    process = subprocess.run(
        [*torchrun, "--", "manage.py", *options, "--run", str(three)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("Bundle: ") == 1  # one process alone writes and speaks
    expected, distributed = (pd.read_csv(run / "epochs.csv").drop(columns="seconds") for run in (one, three))
    np.testing.assert_allclose(distributed, expected, atol=1e-3)
    expected, distributed = (pd.read_csv(run / "steps.csv").drop(columns="photos_per_second") for run in (one, three))
    np.testing.assert_allclose(distributed, expected, rtol=1e-2, atol=1e-3)
    assert read_bundle(three / "bundle").config.metrics["test"].photos == 30


def test_several_processes_must_be_told_where_to_write(trained, monkeypatch):
    monkeypatch.setattr("trainer.management.commands.train.this_process", lambda: World(0, 2, 2))
    with pytest.raises(CommandError, match="Give --run: several processes must use the same folder"):
        call_command("train", data=trained.data, recipe=str(trained.recipe), weights="none")
