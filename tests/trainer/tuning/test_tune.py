"""`manage.py tune` from its start to its page, on made-up breeds."""

import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch
from django.core.management import CommandError, call_command
from rich.console import Console

from dogbreed.model.bundle import read_bundle
from tests.trainer.tuning.studies import epochs_of, tune
from trainer.distributed import ALONE
from trainer.recipes.recipe_files import read_recipe
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import read_run_config
from trainer.training.run_folder import Run
from trainer.tuning.storage import StudyStorage
from trainer.tuning.study import Study, read_settings
from trainer.tuning.trials import best_trial
from trainer.tuning.view import study_table

pytestmark = pytest.mark.slow


def test_a_search_says_what_it_found_and_leaves_a_page_a_recipe_and_tables(searched):
    study, said = searched
    assert said.splitlines()[-1] == f"Study: {study / 'study.html'}"
    trials = pd.read_csv(study / "trials.csv")
    assert list(trials["trial"]) == [0, 1, 2, 3, 4]
    assert trials.loc[0, "optimizer.lr"] == 1e-3  # the recipe itself
    complete = trials[trials["state"] == "complete"]
    best = complete.iloc[int(complete["val_loss"].to_numpy().argmin())]
    assert f"Best: trial {best['trial']}, validation loss {best['val_loss']:.4f} after" in said
    assert trials["epochs"].sum() < 5 * 6  # the others were paused
    found = read_recipe(str(study / "study.toml"))
    assert found.optimizer.lr == best["optimizer.lr"]
    assert found.training.batch_size == best["training.batch_size"]
    page = (study / "study.html").read_text()
    assert page.count("<svg") >= 5
    assert "Importance" in page
    assert f"Trial {best['trial']}:" in page


def test_the_table_of_a_terminal_shows_the_best_trial_first(searched):
    study = Study(searched[0])
    settings = read_settings(study)
    trials = StudyStorage(study.address(""), settings.name, settings.space, settings.measure).trials()
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(study_table(trials, settings))
    shown = console.export_text()
    rows = [line.split("│")[1:-1] for line in shown.splitlines() if line.startswith("│")]
    best = best_trial(trials)
    assert best is not None
    assert [cell.strip() for cell in rows[0][:4]] == [str(best.number), "complete", "6/6", f"{best.best():.4f}"]
    assert f"5 trials, {sum(trial.done for trial in trials)} epochs" in shown


def test_a_promoted_trial_is_trained_as_if_it_had_never_paused(searched, without_test_part, tmp_path):
    study, _ = searched
    trials = pd.read_csv(study / "trials.csv")
    number = int(trials[trials["epochs"] == 6]["trial"].iloc[0])
    promoted = study / "trials" / f"{number:04d}"
    config = read_run_config(promoted)
    alone = Run(tmp_path / "alone")
    start_run(alone, without_test_part, config.recipe, None, config.settings)
    train(alone, config, without_test_part, tmp_path / "cache", ALONE)
    mine, other = (pd.read_csv(run / "epochs.csv").drop(columns="seconds") for run in (promoted, alone.path))
    pd.testing.assert_frame_equal(mine, other)
    paused, uninterrupted = (
        torch.load(run / "checkpoints" / "last.ckpt", weights_only=False)["state_dict"]
        for run in (promoted, alone.path)
    )
    assert all(torch.equal(paused[name], uninterrupted[name]) for name in uninterrupted)


def test_a_larger_budget_goes_on_and_the_winner_is_compared_and_becomes_a_bundle(searched, organized, recipe, tmp_path):
    study, before = tmp_path / "study", epochs_of(searched[0])
    shutil.copytree(searched[0], study)
    said = tune(organized, recipe, study, "--trials", "6", "--repeat", "2", "--train-best")
    after = epochs_of(study)
    assert set(after["trial"]) == {0, 1, 2, 3, 4, 5}
    pd.testing.assert_frame_equal(after.merge(before), before)

    comparison = json.loads((study / "comparison.json").read_text())
    assert [repeat["seed"] for repeat in comparison["repeats"]] == [1, 2]
    mean, low, high = comparison["loss_difference"]
    assert low < mean < high
    verdict = "better than" if high < 0 else "worse than" if low > 0 else "no better than"
    assert f"On 2 new seeds the best trial is {verdict} the recipe" in said
    assert comparison["sentence"] in (study / "study.html").read_text()

    bundle = said.split("Bundle: ")[1].splitlines()[0]
    config = read_bundle(Path(bundle)).config
    assert config.metrics["test"].photos == 30
    assert config.provenance.recipe["optimizer"]["lr"] == read_recipe(str(study / "study.toml")).optimizer.lr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--search", "optimizer.lr=1e-5..1e-2"], r"is a study with other settings \(space\)"),
        (["--seed", "3"], r"other settings \(seed\)"),
        (
            ["--storage", "postgresql://somebody@127.0.0.1:1/study"],
            "keeps its trials in sqlite:///.*Leave --storage out",
        ),
        (["--storage", "mysql://somebody@127.0.0.1/study"], "kept in PostgreSQL or SQLite, not in mysql"),
    ],
)
def test_a_study_is_not_continued_with_other_settings(searched, without_test_part, recipe, options, says):
    study, _ = searched
    with pytest.raises(CommandError, match=says):
        tune(without_test_part, recipe, study, *options)


def test_a_study_is_not_continued_with_other_photos(searched, organized, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(organized, data)
    with (data / "manifest.csv").open("a") as manifest:
        manifest.write("\n")
    with pytest.raises(CommandError, match="are not those of the study"):
        call_command("tune", "--data", str(data), "--study", str(searched[0]))


def test_a_folder_with_something_else_is_left_alone(organized, recipe, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="exists already and is not overwritten"):
        tune(organized, recipe, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_a_worker_s_error_is_shown(without_test_part, recipe, tmp_path):
    broken = tmp_path / "data"
    shutil.copytree(without_test_part, broken)
    next((broken / "train").rglob("*.jpg")).write_bytes(b"no photo")
    with pytest.raises(CommandError, match=r"A worker has failed\.") as error:
        tune(broken, recipe, tmp_path / "study", "--trials", "2")
    assert "Traceback" not in str(error.value)


def test_the_learning_rate_range_test_leaves_a_plot(without_test_part, recipe, tmp_path):
    said = tune(without_test_part, recipe, tmp_path / "range", "--find-lr")
    assert "The loss falls fastest at a learning rate of" in said
    measured = pd.read_csv(tmp_path / "range" / "lr_range.csv")
    assert measured["lr"].is_monotonic_increasing
    assert measured["lr"].iloc[0] < 1e-5
    assert measured["loss"].iloc[0] == pytest.approx(1.1, abs=0.6)  # of three breeds, before anything is learned
    assert (tmp_path / "range" / "lr_range.png").stat().st_size > 1000
