"""Runs that are stopped, killed, or short of room, and what becomes of them."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pandas as pd
import pytest
import torch
from django.core.management import call_command
from safetensors.torch import load_file

from dogbreed.model.bundle import read_bundle
from tests.trainer.training.short_runs import StopAfterFirstEpoch
from trainer.distributed import ALONE
from trainer.recipes.recipe_files import read_recipe
from trainer.training.checkpoints import WholeCheckpoints
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run
from trainer.training.run_records import read_steps

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
BREATH = 300  # seconds that a process may take: many more than it needs


def deaf_to_nothing() -> None:
    """Tests that run in a shell's background inherit its deafness to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(trained, run, *options):
    command = [sys.executable, "manage.py", "train", "--data", str(trained.data), "--cache", str(run.parent / "cache")]
    return subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=deaf_to_nothing,
    )


def wait_for_epochs(process, run, epochs):
    records = run / "epochs.csv"
    while process.poll() is None and not (records.exists() and len(records.read_text().splitlines()) > epochs):
        time.sleep(0.02)


def test_a_run_that_is_stopped_and_killed_ends_as_if_nothing_had_happened(trained, tmp_path, request):
    """`--kills 10` kills it at ten random moments."""
    run, random = tmp_path / "run", Random(0)
    process = start(trained, run, "--recipe", str(trained.recipe), "--weights", "none", "--run", str(run))
    wait_for_epochs(process, run, 1)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=BREATH)
    assert process.returncode == 130, said
    assert f"Go on with --resume {run}" in said
    assert not (run / "bundle").exists()

    for _ in range(request.config.getoption("--kills")):
        process = start(trained, run, "--resume", str(run))
        wait_for_epochs(process, run, random.randint(1, 7))
        time.sleep(random.uniform(0, 1))
        process.kill()
        process.communicate()
        assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=False)["state_dict"]

    process = start(trained, run, "--resume", str(run))
    said, _ = process.communicate(timeout=BREATH)
    assert process.returncode == 0, said
    mine, other = (pd.read_csv(path / "epochs.csv").drop(columns="seconds") for path in (run, trained.run.path))
    pd.testing.assert_frame_equal(mine, other)
    mine, other = (read_steps(path).drop(columns="photos_per_second") for path in (run, trained.run.path))
    pd.testing.assert_frame_equal(mine, other)
    trained_weights, expected = (load_file(path / "bundle" / "weights.safetensors") for path in (run, trained.run.path))
    assert all(torch.equal(trained_weights[name], expected[name]) for name in expected)


def test_a_run_that_had_stopped_early_does_not_learn_on_when_it_is_taken_up_again(trained, tmp_path):
    run = tmp_path / "run"
    settings = ["architecture=simple-cnn", "optimizer.lr=1e-12", "training.patience=1"]
    options = {"data": trained.data, "cache": tmp_path / "cache"}
    call_command("train", recipe=str(trained.recipe), weights="none", run=run, changes=settings, **options)
    assert list(pd.read_csv(run / "epochs.csv")["epoch"]) == [1, 2]
    for made_afterwards in ("bundle", "evaluation"):
        shutil.rmtree(run / made_afterwards)
    call_command("train", resume=run, **options)
    assert list(pd.read_csv(run / "epochs.csv")["epoch"]) == [1, 2]
    assert read_bundle(run / "bundle").config.metrics["test"].photos == 30


WRITE = """
import sys
import torch
from pathlib import Path
from dogbreed.model.bundle import read_bundle
from trainer.training.checkpoints import WholeCheckpoints
WholeCheckpoints().save_checkpoint({"tensor": torch.zeros(1_000_000)}, Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_a_full_disk_keeps_the_checkpoint_before(tmp_path):
    path = tmp_path / "last.ckpt"
    WholeCheckpoints().save_checkpoint({"epoch": 1}, path)
    process = subprocess.run(
        [sys.executable, "-c", WRITE, str(path)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        # A limit that the system keeps: writing beyond it fails as it does on a full disk.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert process.returncode != 0
    assert "could not be written" in process.stderr
    assert "is intact. Free some space on that disk and continue with --resume." in process.stderr
    assert torch.load(path) == {"epoch": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"]


def test_a_run_that_was_moved_keeps_its_best_epoch(organized, tmp_path):
    first, moved = Run(tmp_path / "first"), Run(tmp_path / "moved")
    worse_and_worse = ["architecture=simple-cnn", "optimizer.lr=1", "optimizer.name=sgd", "optimizer.schedule=constant"]
    recipe = read_recipe("simple-cnn", [*worse_and_worse, "training.epochs=3"])
    start_run(first, organized, recipe, None, RunSettings(name="one", version="1", trained_on="", seed=0))
    config, cache = read_run_config(first.path), tmp_path / "cache"
    train(first, config, organized, cache, ALONE, watchers=[StopAfterFirstEpoch()])
    shutil.move(first.path, moved.path)
    train(moved, config, organized, cache, ALONE)
    losses = pd.read_csv(moved.path / "epochs.csv")["val_loss"]
    assert losses.argmin() == 0
    assert torch.load(moved.best, weights_only=False)["epoch"] == 0
