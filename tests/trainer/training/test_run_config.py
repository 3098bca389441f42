"""What a run was started with is read from its folder, and from nowhere else."""

import json
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dogbreed import __version__
from dogbreed.answers.calibration import Calibration
from dogbreed.model.bundle import read_bundle, write_json
from trainer.recipes.recipe import recipe_of
from trainer.recipes.recipe_files import read_recipe
from trainer.training.run_config import TrainingError, bundle_config, read_run_config


@pytest.fixture
def run(trained, tmp_path) -> Path:
    """The configuration of a run of one's own."""
    folder: Path = tmp_path / "run"
    folder.mkdir()
    for name in ("run.json", "recipe.toml"):
        shutil.copy(trained.run.path / name, folder)
    return folder


def test_the_recipe_and_all_else_are_read_from_the_runs_folder(trained, run):
    config = read_run_config(run)
    assert config.recipe == read_recipe(str(run / "recipe.toml"))
    assert "recipe" not in json.loads((run / "run.json").read_text())
    assert config.label_names == ["round_hound", "square_spaniel", "striped_terrier"]
    assert config.preprocessing.input_size == (3, 64, 64)


def test_a_bundle_records_the_run_that_it_comes_from(trained, run):
    written, config = read_bundle(trained.run.bundle).config, read_run_config(run)
    assert recipe_of(written) == config.recipe
    assert written.provenance == bundle_config(config, Calibration()).provenance
    assert written.provenance.versions["dogbreed"] == __version__


def test_a_recipe_that_was_edited_after_the_start_is_not_ignored(trained, run):
    recipe = run / "recipe.toml"
    recipe.write_text(re.sub("epochs = [0-9]+", "epochs = 9", recipe.read_text()))
    with pytest.raises(CommandError, match=r"was changed after the run had started.*start another run with --recipe"):
        call_command("train", data=trained.data, resume=run)


def test_a_run_of_an_earlier_version_is_refused_with_what_to_do(trained, run):
    (run / "run.json").unlink()
    write_json(run / "config.json", read_bundle(trained.run.bundle).config)
    for command, options in (("train", {"data": trained.data, "resume": run}), ("export", {})):
        arguments = [] if options else [run, run.parent / "bundle"]
        with pytest.raises(CommandError, match=r"earlier version .* start it again with --recipe"):
            call_command(command, *arguments, **options)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"recipe_sha256": ""}'])
def test_a_broken_run_file_is_refused(run, content):
    (run / "run.json").write_text(content)
    with pytest.raises(TrainingError, match=r"run\.json|recipe\.toml"):
        read_run_config(run)


def test_a_folder_that_is_no_run_is_named(tmp_path):
    with pytest.raises(TrainingError, match="is not the folder of a training run"):
        read_run_config(tmp_path)
