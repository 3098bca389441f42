"""Real profiles of a tiny network on made-up breeds, with trouble that is put in: each is named."""

import json
import mmap
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from lightning.pytorch import Callback

from trainer.distributed import ALONE
from trainer.networks.network import SIMPLE_CNN
from trainer.profiling.profile_numbers import PHASES, read_profile
from trainer.profiling.start_parts import StartParts
from trainer.profiling.training_profile import ProfileSettings, TrainingProfile
from trainer.recipes.recipe import without_pretrained_weights
from trainer.recipes.recipe_files import read_recipe
from trainer.training.fit import fit, prepare
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run
from trainer.training.stopping import TrainingStopped

pytestmark = pytest.mark.slow

TINY = """
description = "A tiny network for made-up breeds."
architecture = "simple-cnn"

[input]
train_size = 64
size = 64

[optimizer]
lr = 1e-3

[training]
epochs = 4  # of 9 steps
batch_size = 8
validation_fraction = 0.2
precision = "float32"
"""
FEW = ProfileSettings(steps=12, warmup=3)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    path = tmp_path_factory.mktemp("recipes") / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def profiled(organized, recipe, cache, tmp_path):
    """Trains with a profile, with other callbacks, and with rows that are slow; returns the profile."""

    def profile(*others, seconds_for_rows=0.0, then_stop=True):
        run = started(tmp_path / "run", organized, recipe)
        config = read_run_config(run.path)
        network, data = prepare(run, config, organized, cache)
        rows: Any = SlowRows(data.photos.rows, seconds_for_rows)
        slow = replace(data, photos=replace(data.photos, rows=rows))
        profiling = TrainingProfile(tmp_path / "profile", "tiny", FEW, StartParts(time.monotonic()), then_stop)
        with suppress(TrainingStopped):
            fit(run, config, network, slow, ALONE, [*others, profiling])
        return profiling.made

    return profile


def started(path: Path, data: Path, recipe: Path) -> Run:
    run = Run(path)
    read = without_pretrained_weights(read_recipe(str(recipe)))
    start_run(run, data, read, None, RunSettings("tiny", "0", "made up"))
    return run


class SlowRows:
    """Photos on a disk that takes its time."""

    def __init__(self, rows, seconds):
        self.rows, self.seconds = rows, seconds

    def __getitem__(self, chosen):
        time.sleep(self.seconds)
        return np.array(self.rows[chosen])


class Hoarder(Callback):
    """Keeps something of every step: pages of its own, because bytes could take memory that earlier tests freed."""

    def __init__(self):
        self.kept = []

    def on_train_batch_end(self, *args):
        pages = mmap.mmap(-1, 20_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        pages.write(b"x" * len(pages))
        self.kept.append(pages)


class Pause(Callback):
    """Every ninth step takes half a second longer."""

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if batch_idx == 4:
            time.sleep(0.5)


class Killed(Callback):
    """Ends the training in its second epoch, without saving."""

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if trainer.global_step == 14:
            raise TrainingStopped


@pytest.fixture(scope="module")
def unwatched(organized, recipe, cache, tmp_path_factory):
    """The epochs of the same training without a profile."""
    run = started(tmp_path_factory.mktemp("plain") / "run", organized, recipe)
    config = read_run_config(run.path)
    fit(run, config, *prepare(run, config, organized, cache), ALONE)
    return epochs(run.path)


def epochs(run):
    return pd.read_csv(run / "epochs.csv").drop(columns="seconds")


def checks(profile):
    return {advice.check for advice in profile.advice}


def test_a_profile_measures_steps_phases_and_the_machine_and_changes_nothing(profiled, unwatched, tmp_path):
    profile = profiled(then_stop=False)
    assert len(profile.timed) == profile.steps_seen == 12
    assert [step.number for step in profile.steps] == list(range(4, 21))  # after 3 of warmup, with 5 traced
    for step in profile.steps:
        assert set(step.phases) <= set(PHASES)
        assert sum(step.phases.values()) == pytest.approx(step.seconds)
        assert step.photos == 8
    assert {"data", "augmentation", "forward", "backward", "optimizer", "logging"} <= set(profile.timed[0].phases)
    assert sum(profile.phase_shares().values()) == pytest.approx(1)
    assert profile.learned_from == "photos"
    assert profile.validation_seconds > 0
    assert any("conv" in operator.name for operator in profile.operators)
    assert profile.use == [] or profile.use[-1].memory_mb > 0
    assert 0 < profile.overhead < 0.5
    assert not checks(profile) & {"waiting-for-disk", "waiting-for-loading", "memory-growth", "cold-cache"}
    assert json.loads(profile.model_dump_json())["architecture"] == SIMPLE_CNN

    pd.testing.assert_frame_equal(epochs(tmp_path / "run"), unwatched)


def test_a_training_that_was_killed_while_it_was_profiled_is_profiled_when_it_goes_on(
    organized, recipe, cache, tmp_path, unwatched
):
    run = started(tmp_path / "run", organized, recipe)
    config = read_run_config(run.path)
    for others in ([Killed()], []):
        profiling = TrainingProfile(tmp_path / "profile", "tiny", FEW, StartParts(time.monotonic()))
        with suppress(TrainingStopped):
            fit(run, config, *prepare(run, config, organized, cache), ALONE, [*others, profiling])
    assert [step.number for step in read_profile(tmp_path / "profile").steps] == list(range(13, 30))
    pd.testing.assert_frame_equal(epochs(run.path), unwatched)


def test_a_slow_disk_is_named(profiled):
    assert "waiting-for-disk" in checks(profiled(seconds_for_rows=0.15))


def test_growing_memory_is_named(profiled):
    assert "memory-growth" in checks(profiled(Hoarder()))


def test_step_spikes_are_named(profiled):
    (advice,) = [advice for advice in profiled(Pause()).advice if advice.check == "step-outliers"]
    assert "logging and callbacks" in advice.seen


def given(organized, recipe, cache, out, **more):
    options = {"recipe": str(recipe), "weights": "none", "steps": 12, "warmup": 3, **more}
    return {"data": organized, "cache": cache, "out": out, **options}


def test_the_command_writes_a_page_numbers_and_a_trace_and_compares(organized, recipe, tmp_path, capsys):
    cold, warm = tmp_path / "cold", tmp_path / "warm"
    call_command("profile", **given(organized, recipe, tmp_path / "cache", cold))
    said = capsys.readouterr().out
    assert "photos a second" in said
    assert "There is no GPU" in said or read_profile(cold).on_gpu
    assert said.strip().endswith(f"Profile: {cold / 'profile.html'}")
    assert sorted(path.name for path in cold.iterdir()) == ["profile.html", "profile.json", "trace.json"]
    events = {event.get("name") for event in json.loads((cold / "trace.json").read_text())["traceEvents"]}
    assert {"augmentation", "forward", "backward", "optimizer"} <= events
    page = (cold / "profile.html").read_text()
    assert "Where a step&#x27;s time goes" in page or "Where a step's time goes" in page
    assert "http" not in page.replace("http-equiv", "")  # nothing is loaded from elsewhere

    call_command("profile", **given(organized, recipe, tmp_path / "cache", warm), compare=[cold])
    said = capsys.readouterr().out
    assert "Photos a second:" in said
    assert "before" in said
    computed = [sum(part.items for part in read_profile(folder).start) for folder in (cold, warm)]
    assert computed == [90, 0]  # photos that were decoded

    call_command("profile", compare=[cold, warm])
    assert "times as many" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": None}, "Give --data"),
        ({"data": Path("no-such-folder")}, "no-such-folder"),
        ({"steps": 3}, "at least 10"),
        ({"steps": 500}, "36 steps .4 epochs of 9.*needs 508"),
        ({"compare": [Path("no-such-profile")]}, "is no profile"),
        ({"recipe": "no-such-recipe"}, "no recipe no-such-recipe"),
    ],
)
def test_bad_input_is_one_sentence(organized, recipe, cache, tmp_path, changes, message):
    with pytest.raises(CommandError, match=message):
        call_command("profile", **{**given(organized, recipe, cache, tmp_path / "out"), **changes})
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(organized, recipe, cache, tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(CommandError, match="not overwritten"):
        call_command("profile", **given(organized, recipe, cache, tmp_path / "mine"))


def test_a_broken_profile_is_named(tmp_path):
    (tmp_path / "profile.json").write_text("{}")
    with pytest.raises(CommandError, match="not a valid profile"):
        call_command("profile", compare=[tmp_path, tmp_path])


def test_train_profiles_once(organized, recipe, cache, tmp_path, capsys):
    run = tmp_path / "run"
    options = {"data": organized, "cache": cache, "profile": True}
    call_command("train", recipe=str(recipe), weights="none", run=run, epochs=3, **options)
    assert "Where a step's time goes" in capsys.readouterr().out
    assert read_profile(run / "profile").steps_seen == 12  # of 27, without 10 of warmup and 5 traced
    assert (run / "bundle").is_dir()
    call_command("train", resume=run, **options)
    assert "not made again" in capsys.readouterr().out


def test_a_training_with_too_few_steps_goes_on_without_a_profile(organized, recipe, cache, tmp_path, caplog):
    run = started(tmp_path / "run", organized, recipe)
    config = read_run_config(run.path)
    profiling = TrainingProfile(tmp_path / "profile", "tiny", ProfileSettings(10, 30), StartParts(time.monotonic()))
    with suppress(TrainingStopped):
        fit(run, config, *prepare(run, config, organized, cache), ALONE, [Killed(), profiling])
    assert "No profile: it needs 45 steps, and 36 are left." in caplog.text
    assert run.best.is_file()
    assert not (tmp_path / "profile").exists()
