"""`manage.py runs`: what it says of runs in every state, and how it compares them."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from dogbreed.model.bundle import read_bundle
from tests.dogbreed.test_import_rules import TORCH
from tests.http import ROOT
from tests.once import made_once
from tests.trainer.training.short_runs import StopAfterFirstEpoch, start_short_run, train_short_run
from trainer.distributed import ALONE
from trainer.training.run_folder import Run
from trainer.training.run_lock import in_use

NOTHING_IMPROVES = ["optimizer.lr=1e-12", "training.patience=1", "training.epochs=3"]


@pytest.fixture(scope="module")
def folder(organized, tmp_path_factory) -> Path:
    """Runs in several states, a study with two trials, and what is no run. Tests do not change it."""
    return made_once(tmp_path_factory, "runs", lambda folder: make_runs(folder / "runs", organized)) / "runs"


def make_runs(folder: Path, data: Path) -> None:
    folder.mkdir()
    started = start_short_run(Run(folder / "a-started"), data)
    stopped = start_short_run(Run(folder / "b-stopped"), data, "optimizer.lr=2e-3", "head.dropout=0.1")
    train_short_run(stopped, data, [StopAfterFirstEpoch()])
    for number, changes in enumerate(([], NOTHING_IMPROVES)):
        trial = start_short_run(Run(folder / "study-x" / "trials" / f"{number:04d}"), data, *changes)
        train_short_run(trial, data)
    (folder / "notes").mkdir()
    shutil.copytree(started.path, folder / "damaged")
    (folder / "damaged" / "run.json").write_text("{")
    for seconds, name in enumerate(("a-started", "b-stopped")):
        os.utime(folder / name / "run.json", (1_800_000_000 - seconds, 1_800_000_000 - seconds))


def listed(capsys, *folders, **options):
    call_command("runs", *map(str, folders), format="json", **options)
    return json.loads(capsys.readouterr().out)


def test_a_finished_run_is_listed_with_what_it_and_its_bundle_recorded(trained, capsys):
    (row,) = listed(capsys, trained.run.path)
    epochs = pd.read_csv(trained.run.path / "epochs.csv")
    best = epochs.sort_values("val_loss").iloc[0]
    assert row["state"] == "done"
    assert (row["recipe"], row["architecture"]) == ("quick", "test_resnet")
    assert (row["epochs"], row["planned_epochs"]) == (16, 16)
    assert (row["val_loss"], row["val_acc1"]) == (best["val_loss"], best["val_acc1"])
    assert row["test_acc1"] == read_bundle(trained.run.bundle).config.metrics["test"].top1
    assert row["seconds"] == pytest.approx(epochs["seconds"].sum())


def test_runs_without_a_bundle_are_interrupted_and_sorted_by_their_start(folder, capsys):
    rows = listed(capsys, folder)
    assert [(row["name"], row["state"], row["epochs"]) for row in rows] == [
        ("b-stopped", "interrupted", 1),
        ("a-started", "interrupted", 0),
    ]
    assert rows[1]["val_loss"] is None
    assert [row["name"] for row in listed(capsys, folder, sort="val_loss")] == ["b-stopped", "a-started"]


def test_what_is_no_run_is_named_and_skipped(folder, capsys):
    call_command("runs", str(folder))
    said = capsys.readouterr().err
    assert f"Skipped: {folder / 'damaged' / 'run.json'}" in said
    assert f"Skipped: {folder / 'notes'} is not the folder of a training run" in said
    assert f"Skipped: {folder / 'study-x'} is a study. Name it to see its trials." in said


def test_the_trials_of_a_study_are_done_or_stopped_early_without_a_bundle(folder, capsys):
    rows = listed(capsys, folder / "study-x")
    found = {(row["name"], row["state"], row["epochs"]) for row in rows}
    assert found == {("study-x/0000", "done", 2), ("study-x/0001", "stopped early", 2)}


def test_a_trial_that_a_search_has_put_aside_is_paused(folder, tmp_path, capsys):
    trials = tmp_path / "study-y" / "trials"
    for name in ("0000", "0001"):
        shutil.copytree(folder / "b-stopped", trials / name)
    (tmp_path / "study-y" / "trials.csv").write_text("trial,state,epochs\n0,paused,1\n1,left,1\n")
    states = [row["state"] for row in listed(capsys, tmp_path / "study-y", sort="name")]
    assert states == ["paused", "interrupted"]


def test_a_bundle_after_fewer_epochs_than_planned_means_that_it_stopped_early(folder, trained, tmp_path, capsys):
    run = Path(shutil.copytree(folder / "b-stopped", tmp_path / "run"))
    shutil.copytree(trained.run.bundle, run / "bundle")
    (row,) = listed(capsys, run)
    assert row["state"] == "stopped early"


def test_a_run_that_another_process_trains_is_running_and_listing_it_needs_no_pytorch(folder, tmp_path):
    run = Run(Path(shutil.copytree(folder / "b-stopped", tmp_path / "run")))
    program = (
        "import sys; from django.core.management import execute_from_command_line as run;"
        f"run(['manage.py', 'runs', {str(run.path)!r}, '--format', 'csv']);"
        f"print(sorted({TORCH | {'matplotlib'}} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"}
    with in_use(run, ALONE):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    *rows, loaded = done.stdout.splitlines()
    assert [row["state"] for row in csv.DictReader(rows)] == ["running"]
    assert loaded == "[]"


def test_findings_are_counted_and_the_table_has_one_line_for_each_run(folder, tmp_path, capsys):
    run = Path(shutil.copytree(folder / "b-stopped", tmp_path / "run"))
    finding = {"check": "overfit", "epoch": 1, "step": 4, "seen": "", "why": "", "change": "", "advice": ""}
    (run / "findings.json").write_text(json.dumps({"findings": [finding, finding]}))
    assert listed(capsys, run)[0]["findings"] == 2
    call_command("runs", str(run), str(folder / "a-started"))
    said = capsys.readouterr().out.splitlines()
    assert said[0].split()[:4] == ["name", "recipe", "architecture", "state"]
    assert len(said) == 4


def test_differences_are_the_keys_in_which_recipes_differ(folder, capsys):
    a, b = folder / "a-started", folder / "b-stopped"
    rows = listed(capsys, a, b, differences=True)
    assert rows == [
        {"key": "head.dropout", "a-started": 0.3, "b-stopped": 0.1},
        {"key": "optimizer.lr", "a-started": 0.001, "b-stopped": 0.002},
    ]
    call_command("runs", str(a), str(a), differences=True)
    assert "started with the same settings" in capsys.readouterr().err


def test_one_plot_compares_runs_and_overwrites_nothing(folder, trained, tmp_path, capsys):
    plot = tmp_path / "compared.png"
    runs = [str(path) for path in (folder / "a-started", folder / "b-stopped", trained.run.path)]
    call_command("runs", *runs, plot=plot)
    assert capsys.readouterr().out.splitlines()[-1] == f"Plot: {plot}"
    with Image.open(plot) as image:
        assert image.width > image.height > 400
    with pytest.raises(CommandError, match="exists already and is not overwritten"):
        call_command("runs", *runs, plot=plot)
    with pytest.raises(CommandError, match=r"written as \.png, \.svg, \.pdf, not as compared\.jpeg"):
        call_command("runs", *runs, plot=tmp_path / "compared.jpeg")


def test_folders_without_runs_are_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("runs", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="There are no runs in"):
        call_command("runs", str(tmp_path))


WRONG = [
    (["--help"], "--live"),
    (["--list-recipes"], "resnet152"),
    ([], "Give --data"),
    (["--data", "nowhere"], "There is no folder nowhere"),
    (["--data", ".", "--set", "optimizer.lr=fast"], "optimizer.lr"),
    (["--data", ".", "--recipe", "none-such"], "There is no recipe none-such"),
    (["--data", ".", "--resume", "api"], "not the folder of a training run"),
    (["--data", ".", "--run", "api"], "exists already"),
]


def test_train_answers_what_needs_no_pytorch_without_importing_it():
    program = (
        "import sys; from django.core.management import ManagementUtility\n"
        f"for words in {[words for words, _ in WRONG]}:\n"
        "    try:\n"
        "        ManagementUtility(['manage.py', 'train', *words]).execute()\n"
        "    except SystemExit:\n"
        "        pass\n"
        "    print('----', flush=True)\n"
        f"print(sorted({TORCH} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    *said, loaded = done.stdout.split("----\n")
    for answer, (_, expected) in zip(said, WRONG, strict=True):
        assert expected in answer
    assert loaded.strip() == "[]"
