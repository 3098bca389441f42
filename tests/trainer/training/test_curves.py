"""`curves.png`, and what it shows of runs that went in unusual ways."""

import json
import math
from typing import Any

import pandas as pd
from PIL import Image

from trainer.training.curves import curves_figure, draw_curves
from trainer.training.run_findings import Finding, read_findings
from trainer.training.run_records import STEP_COLUMNS

STEPS_IN_EPOCH = 5


def made_up(epochs):
    """Records of a run: loss 1/step."""
    count = range(1, epochs * STEPS_IN_EPOCH + 1)
    rows = [(s, (s - 1) // STEPS_IN_EPOCH + 1, 1 / s, 1 - 1 / s, 1e-3, 2 / s, 100.0) for s in count]
    records = [(e, 1.0, 1 / e, 0.5, 0.6, 2.0) for e in range(1, epochs + 1)]
    columns = ["epoch", "train_loss", "val_loss", "train_acc1", "val_acc1", "seconds"]
    return pd.DataFrame(records, columns=columns), pd.DataFrame(rows, columns=list(STEP_COLUMNS))


def titles(figure):
    return [axis.get_title() for axis in figure.get_axes()]


def line(axis, label):
    return next(line for line in axis.get_lines() if line.get_label() == label)


def test_a_run_shows_all_its_measures_by_step_and_validation_where_its_epochs_ended():
    epochs, steps = made_up(epochs=3)
    figure = curves_figure(epochs, steps, planned_epochs=5)
    assert titles(figure) == ["Loss", "Accuracy", "Learning rate", "Gradient norm", "Photos a second"]
    loss = figure.get_axes()[0]
    assert list(line(loss, "validation").get_xdata()) == [5, 10, 15]
    assert list(line(loss, "train, by step").get_xdata()) == list(range(1, 16))
    assert list(line(loss, "lowest validation loss").get_xdata()) == [15]
    title = figure.subfigs[0].get_suptitle()
    assert title == "3 of 5 epochs; lowest validation loss 0.333 (accuracy 60.0%) after epoch 3"


def test_a_run_of_one_epoch_and_one_that_has_not_finished_any_are_drawn(tmp_path):
    for epochs, steps in (made_up(1), (made_up(1)[0][:0], made_up(1)[1][:2])):
        curves_figure(epochs, steps).savefig(tmp_path / "one.png")


def test_a_run_without_recorded_steps_is_drawn_by_epoch(tmp_path):
    epochs, steps = made_up(3)
    figure = curves_figure(epochs, steps[:0], [Finding("overfit", "", "", "", "", 2, 7)])
    assert titles(figure) == ["Loss", "Accuracy"]
    assert list(line(figure.get_axes()[0], "validation").get_xdata()) == [1, 2, 3]
    figure.savefig(tmp_path / "old.png")


def test_a_run_that_diverged_is_drawn(tmp_path):
    epochs, steps = made_up(2)
    steps.loc[4:, ["train_loss", "gradient_norm"]] = math.nan, math.inf
    epochs["val_loss"] = math.nan
    figure = curves_figure(epochs, steps)
    assert figure.subfigs[0].get_suptitle() == "2 epochs"
    figure.savefig(tmp_path / "diverged.png")


def test_findings_are_marked_with_numbers_and_explained():
    findings = [Finding("dead-relu", "Half of layer1.", "…", "optimizer.lr", "…", 1, 3)] * 11
    findings += [Finding("odd", "x", "", "", "", 2, 8)]
    epochs, steps = made_up(2)
    figure = curves_figure(epochs, steps, findings)
    numbers = [text.get_text() for text in figure.get_axes()[0].texts]
    assert numbers == [str(number) for number in range(1, 13)]
    explained = figure.subfigs[1].texts[0].get_text().splitlines()
    assert explained[0] == "1  Epoch 1, step 3: dead-relu. Half of layer1. Change optimizer.lr."
    assert explained[-1] == "2 more in findings.json"


def test_the_findings_of_a_run_are_read_and_a_damaged_file_does_not_stop_the_drawing(tmp_path, trained, caplog):
    for name in ("epochs.csv", "steps.csv"):
        (tmp_path / name).write_bytes((trained.run.path / name).read_bytes())
    finding: dict[str, Any] = {
        "check": "loss-not-decreasing",
        "epoch": 2,
        "step": 14,
        "seen": "1.1 to 1.1.",
        "why": "…",
    }
    written = {"findings": [{**finding, "change": "optimizer.lr", "advice": "Try a tenth: 0.0001."}]}
    (tmp_path / "findings.json").write_text(json.dumps(written))
    assert read_findings(tmp_path) == [Finding(**written["findings"][0])]
    (tmp_path / "findings.json").write_text("{")
    draw_curves(tmp_path)
    with Image.open(tmp_path / "curves.png") as plot:
        assert plot.width > plot.height > 500
    assert "findings.json is damaged" in caplog.text
