"""`steps.csv`: what a run records of its optimizer steps."""

import os
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from lightning.pytorch import Callback
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.trainer.training.short_runs import start_short_run, train_short_run
from trainer.training.optimizers import Schedule
from trainer.training.run_config import TrainingError, read_run_config
from trainer.training.run_folder import Run
from trainer.training.run_records import read_steps
from trainer.training.step_records import StepRecords
from trainer.training.stopping import TrainingStopped


def test_the_steps_of_an_epoch_add_up_to_what_the_epoch_records(trained):
    steps, epochs = read_steps(trained.run.path), pd.read_csv(trained.run.path / "epochs.csv")
    assert list(steps["step"]) == list(range(1, 9 * 16 + 1))
    means = steps.groupby("epoch")[["train_loss", "train_acc1"]].mean()
    np.testing.assert_allclose(means, epochs[["train_loss", "train_acc1"]], atol=1e-4)
    assert (steps["photos_per_second"] > 0).all()


def test_the_rate_of_a_step_is_the_one_that_the_recipe_schedules(trained):
    settings, steps = read_run_config(trained.run.path).recipe.optimizer, read_steps(trained.run.path)
    schedule = Schedule(settings, len(steps))
    np.testing.assert_allclose(steps["lr"], [settings.lr * schedule(step) for step in range(len(steps))], rtol=1e-5)


def test_tensorboard_shows_the_steps_too(trained):
    events = EventAccumulator(str(trained.run.path / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    steps = read_steps(trained.run.path)
    for shown, column in (("train_acc1_step", "train_acc1"), ("gradient_norm", "gradient_norm")):
        scalars = events.Scalars(shown)
        assert [scalar.step for scalar in scalars] == list(steps["step"])
        np.testing.assert_allclose([scalar.value for scalar in scalars], steps[column], rtol=1e-4)
    assert len(events.Scalars("photos_per_second")) == steps["photos_per_second"].count()


class GradientNorms(Callback):
    def __init__(self):
        self.norms = []

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        gradients = [p.grad.flatten() for p in pl_module.network.parameters() if p.grad is not None]
        self.norms.append(float(torch.cat(gradients).norm()))


def test_the_gradient_norm_is_that_of_all_gradients_together(organized, tmp_path):
    watcher = GradientNorms()
    run = train_short_run(start_short_run(Run(tmp_path / "run"), organized), organized, [watcher])
    np.testing.assert_allclose(read_steps(run.path)["gradient_norm"], watcher.norms, rtol=1e-4)


class CtrlC(Callback):
    def __init__(self, after: int):
        self.after = after

    def on_train_batch_end(self, trainer, *args):
        if trainer.global_step == self.after:
            os.kill(os.getpid(), signal.SIGINT)


def test_a_resumed_run_has_the_lines_of_an_uninterrupted_one(organized, tmp_path):
    """Stopped in the middle of an epoch, and killed later on while it wrote a line."""
    whole = train_short_run(start_short_run(Run(tmp_path / "whole"), organized), organized)
    run = start_short_run(Run(tmp_path / "run"), organized)
    with pytest.raises(TrainingStopped):
        train_short_run(run, organized, [CtrlC(after=6)])
    assert list(read_steps(run.path)["step"]) == [1, 2, 3, 4, 5, 6]
    with (run.path / "steps.csv").open("a") as file:
        file.write("7,2,0.9,0.5,0.001,1.5,100.0\n8,2,0.9")
    assert list(read_steps(run.path)["step"]) == [1, 2, 3, 4, 5, 6, 7]
    train_short_run(run, organized)
    mine, other = (read_steps(path).drop(columns="photos_per_second") for path in (run.path, whole.path))
    assert len(mine) == 8
    pd.testing.assert_frame_equal(mine, other)


def test_of_a_long_run_every_so_many_steps_are_recorded_and_the_end_of_each_epoch(organized, tmp_path, monkeypatch):
    assert StepRecords(tmp_path, 64, steps_in_epoch=1000, epochs=100).every == 25
    monkeypatch.setattr("trainer.training.step_records.MOST_LINES", 3)
    run = train_short_run(start_short_run(Run(tmp_path / "run"), organized), organized)
    assert list(read_steps(run.path)["step"]) == [1, 3, 4, 6, 8]


class FullDisk(Callback):
    def __init__(self, path):
        self.path = path

    def on_train_epoch_start(self, *args):
        self.path.unlink()
        self.path.symlink_to("/dev/full")  # writing to it fails as on a full disk


def test_a_disk_without_room_for_the_records_is_reported_in_a_sentence(organized, tmp_path):
    run = start_short_run(Run(tmp_path / "run"), organized)
    with pytest.raises(TrainingError, match=r"No space left.*Free some space on that disk and continue with --resume"):
        train_short_run(run, organized, [FullDisk(run.path / "steps.csv")])


@pytest.mark.filterwarnings("ignore:Encountered `nan` values")
def test_a_loss_that_is_no_number_is_recorded_as_such(organized, tmp_path):
    run = start_short_run(Run(tmp_path / "run"), organized, "optimizer.lr=1e30", "optimizer.name=sgd")
    train_short_run(run, organized)
    steps = read_steps(run.path)
    assert np.isfinite(steps["train_loss"].iloc[0])
    assert not np.isfinite(steps["train_loss"].iloc[-1])
