"""Batches that do not fit into the GPU's memory, and runs in which that happened."""

import logging
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from trainer.distributed import ALONE
from trainer.machine import quiet_libraries
from trainer.networks.network import build_network
from trainer.photos.parts import training_parts
from trainer.recipes.recipe import Head
from trainer.recipes.recipe_files import read_recipe
from trainer.training.data import read_training_data
from trainer.training.fit import fit
from trainer.training.lightning_module import BreedTraining
from trainer.training.run import start_run, starting_network
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run
from trainer.training.stopping import TrainingStopped

ROOT = Path(__file__).parents[3]
# ShuffleNet has batch normalization in every block. Mixed photos and the averaged weights are drawn and kept as well.
RANDOM = ["training.epochs=2", "head.dropout=0.5", "augmentation.mixup=0.2", "training.ema_decay=0.9"]
FULL, INTERRUPTED = 3, 5  # steps, of 9 in an epoch


class At(Callback):
    """Does something to the training module right before a step, counted from 0."""

    def __init__(self, step: int, action: Any) -> None:
        self.step, self.action = step, action

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        if trainer.global_step == self.step:
            self.action(pl_module)


def run_out_of_memory(module: BreedTraining) -> None:
    """Once, when the backbone has updated its batch statistics and dropout has drawn its random numbers."""

    def fail(*_: object) -> None:
        hook.remove()
        raise torch.OutOfMemoryError("CUDA out of memory.")

    hook = module.network.head.get_submodule("dropout").register_forward_hook(fail)


def take_two_parts(module: BreedTraining) -> None:
    module.parts = 2


def interrupt(module: BreedTraining) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def kill(module: BreedTraining) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fit_run(folder: Path, data: Path, recipe: Path, *watchers: Callback) -> Run:
    """Starts or resumes a run, without what follows on training."""
    quiet_libraries()
    run = Run(folder)
    if not folder.exists():
        start_run(run, data, read_recipe(str(recipe), RANDOM), None, RunSettings("memory", "1", "made up"))
    config = read_run_config(run.path)
    train, validation = training_parts(data, 0.2, config.seed)
    prepared = read_training_data(config, train, validation, folder.parent / "cache")
    fit(run, config, starting_network(run, config), prepared, ALONE, watchers)
    return run


def assert_equal_runs(run: Run, other: Run) -> None:
    """Bit for bit: weights, batch statistics, averages, the optimizer's state, and what was measured."""
    mine, its = (torch.load(r.last, weights_only=False) for r in (run, other))
    assert mine["global_step"] == its["global_step"] == 18
    for kind in ("state_dict", "optimizer_states"):
        torch.testing.assert_close(mine[kind], its[kind], rtol=0, atol=0)
    epochs, expected = (pd.read_csv(r.path / "epochs.csv").drop(columns="seconds") for r in (run, other))
    pd.testing.assert_frame_equal(epochs, expected, check_exact=True)


@pytest.fixture(scope="module")
def uninterrupted(trained, tmp_path_factory):
    """A run that ran out of memory once, and from then on took its batches in two parts."""
    folder = tmp_path_factory.mktemp("memory") / "run"
    return fit_run(folder, trained.data, trained.recipe, At(FULL, run_out_of_memory))


def test_a_batch_that_did_not_fit_ends_as_if_it_had_been_taken_in_parts_at_once(trained, uninterrupted, tmp_path):
    run = fit_run(tmp_path / "run", trained.data, trained.recipe, At(FULL, take_two_parts))
    assert_equal_runs(run, uninterrupted)


def test_a_run_that_was_stopped_after_it_ran_out_of_memory_ends_as_if_it_had_not(trained, uninterrupted, tmp_path):
    watchers = (At(FULL, run_out_of_memory), At(INTERRUPTED, interrupt))
    with pytest.raises(TrainingStopped):
        fit_run(tmp_path / "run", trained.data, trained.recipe, *watchers)
    assert_equal_runs(fit_run(tmp_path / "run", trained.data, trained.recipe), uninterrupted)


KILLED = """
import sys
from contextlib import nullcontext
from pathlib import Path
from tests.trainer.training.test_memory import *
folder, data, recipe = map(Path, sys.argv[1:])
fit_run(folder, data, recipe, At(FULL, run_out_of_memory), At(INTERRUPTED, kill))
"""


def test_a_run_that_was_killed_after_it_ran_out_of_memory_ends_as_if_it_had_not(trained, uninterrupted, tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "run"), str(trained.data), str(trained.recipe)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=False)["global_step"] == FULL + 1
    assert_equal_runs(fit_run(tmp_path / "run", trained.data, trained.recipe), uninterrupted)


class SmallMemory(torch.nn.Module):
    """A network on a GPU that has room for so many photos at once."""

    def __init__(self, network, room):
        super().__init__()
        self.network, self.head, self.backbone, self.room = network, network.head, network.backbone, room

    def forward(self, images):
        if len(images) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.network(images)


@pytest.fixture
def training(trained, monkeypatch):
    torch.manual_seed(0)
    recipe = read_recipe(str(trained.recipe), ["head.dropout=0.0"])
    network = build_network("simple-cnn", 3, Head(dropout=0.0), 64)
    module = BreedTraining(network, recipe, (0.5,) * 3, (0.5,) * 3, steps=1)
    # What Lightning's loop would provide.
    monkeypatch.setattr(module, "manual_backward", torch.Tensor.backward)
    monkeypatch.setattr(module, "phase", nullcontext)
    monkeypatch.setattr(module, "_optimizer", lambda: torch.optim.SGD(network.parameters(), lr=0.1))
    return module


def test_a_batch_too_large_for_the_gpu_is_taken_in_parts_and_gives_the_same_gradients(training, caplog):
    images, targets = torch.randn(8, 3, 64, 64), torch.arange(8) % 3
    whole, _ = training.forward_backward(images, targets)
    expected = [parameter.grad.clone() for parameter in training.network.parameters()]
    training.network = SmallMemory(training.network, room=3)
    caplog.set_level(logging.INFO)
    parts, logits = training.forward_backward(images, targets)
    assert "parts of 2" in caplog.text
    assert training.parts == 4
    assert len(logits) == 8
    torch.testing.assert_close(parts, whole)
    for parameter, gradient in zip(training.network.network.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


def test_a_gpu_without_room_for_a_single_photo_is_an_error(training):
    training.network = SmallMemory(training.network, room=0)
    with pytest.raises(torch.OutOfMemoryError):
        training.forward_backward(torch.randn(8, 3, 64, 64), torch.arange(8) % 3)
