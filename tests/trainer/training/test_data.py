"""What each epoch trains on."""

import shutil

import pandas as pd
import torch

from trainer.photos.parts import training_parts
from trainer.recipes.recipe_files import read_recipe
from trainer.training.data import read_training_data
from trainer.training.losses import likeliest
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run


def test_photos_are_trained_on_with_the_weights_of_the_manifest(organized, tmp_path):
    data = shutil.copytree(organized, tmp_path / "data")
    rows = pd.read_csv(data / "manifest.csv", dtype=str, keep_default_na=False)
    rows["weight"] = rows["breed"].map({"round_hound": "0.5"}).fillna("")
    rows.to_csv(data / "manifest.csv", index=False)
    run = Run(tmp_path / "run")
    start_run(run, data, read_recipe("simple-cnn"), None, RunSettings("weights", "1", "made up"))
    config = read_run_config(run.path)
    train, validation = training_parts(data, 0.1, config.seed)
    read = read_training_data(config, train, validation, tmp_path / "cache")
    expected = torch.tensor([0.5 if photo.breed == "round_hound" else 1.0 for photo in train])
    torch.testing.assert_close(read.photos.targets.sum(dim=1), expected)
    assert [config.label_names[index] for index in likeliest(read.photos.targets)] == [photo.breed for photo in train]
    assert read.validation.targets.ndim == 1
