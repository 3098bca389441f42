"""A watched training learns the same as an unwatched one, and a resumed one has the same findings."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from django.core.management import CommandError, call_command
from lightning.pytorch import Callback

from tests.trainer.diagnosis.watched import TINY, started, watched
from trainer.diagnosis.export_check import try_export
from trainer.distributed import ALONE
from trainer.training.checkpoints import LastCheckpoint
from trainer.training.fit import train
from trainer.training.run_folder import Run
from trainer.training.stopping import TrainingStopped

TOO_FAST = ["optimizer.lr=10"]


class StopAfter(Callback):
    """Stops after a step, as a signal does."""

    def __init__(self, step):
        self.step = step

    def on_train_batch_end(self, trainer, *args):
        last = next(callback for callback in trainer.callbacks if isinstance(callback, LastCheckpoint))
        last.asked_to_stop = last.asked_to_stop or trainer.global_step == self.step


def epochs(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "epochs.csv").drop(columns="seconds")


def test_a_watched_training_learns_what_an_unwatched_one_learns(organized, tmp_path):
    changes = ["training.ema_decay=0.9", "training.frozen_epochs=1", "augmentation.mixup=0.2"]
    config = started(tmp_path / "watched", organized, changes)
    watched(tmp_path / "watched", organized, config)
    started(tmp_path / "alone", organized, changes)
    train(Run(tmp_path / "alone"), config, organized, organized.parent / "watched-cache", ALONE)
    pd.testing.assert_frame_equal(epochs(tmp_path / "watched"), epochs(tmp_path / "alone"))
    mine, other = (torch.load(Run(tmp_path / run).last, weights_only=False) for run in ("watched", "alone"))
    assert all(torch.equal(mine["state_dict"][name], other["state_dict"][name]) for name in other["state_dict"])


def test_a_resumed_run_has_the_findings_of_an_uninterrupted_one(organized, tmp_path):
    config = started(tmp_path / "whole", organized, TOO_FAST, epochs=4)
    expected = watched(tmp_path / "whole", organized, config)
    started(tmp_path / "parts", organized, TOO_FAST, epochs=4)
    for step in (2, 14, 18):
        with pytest.raises(TrainingStopped):
            watched(tmp_path / "parts", organized, config, faults=[StopAfter(step)])
    assert watched(tmp_path / "parts", organized, config) == expected
    assert len(expected) > 1


def test_a_hopeless_run_is_stopped_and_can_be_resumed(organized, tmp_path):
    run, options = tmp_path / "run", {"data": organized, "cache": organized.parent / "watched-cache"}
    changes = [*TINY, "training.epochs=3", "optimizer.lr=1e-13"]
    begin = {"recipe": "simple-cnn", "weights": "none", "changes": changes, "run": run, "continued": True}
    with pytest.raises(CommandError, match=r"ended at step 3\. .* Change optimizer\.lr: .*--on-finding say"):
        call_command("train", on_finding="stop", **begin, **options)
    assert torch.load(Run(run).last, weights_only=False)["global_step"] == 3
    with pytest.raises(CommandError, match="ended at step 3"):
        call_command("train", on_finding="stop", **begin, **options)
    assert torch.load(Run(run).last, weights_only=False)["global_step"] == 3
    call_command("train", resume=run, **options)
    assert list(epochs(run)["epoch"]) == [1, 2, 3]
    rows = json.loads((run / "findings.json").read_text())["findings"]
    assert {"check", "epoch", "step", "seen", "why", "change", "advice"} == set(rows[0])
    assert rows[0]["seen"] in (run / "evaluation" / "report.html").read_text().replace("&#x27;", "'")


def test_a_network_that_can_be_exported_has_no_finding(organized, tmp_path):
    config = started(tmp_path / "run", organized)
    assert try_export(Run(tmp_path / "run"), config) is None
