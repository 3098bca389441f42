"""From labelled photos to answers in one process: `manage.py train`, the bundle, `POST /predictImage`."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier, forget_default_classifier
from dogbreed.photos.decoding import open_photo
from dogbreed.photos.preprocessing import to_input
from tests.image_files import encoded
from tests.trainer.conftest import BREEDS, draw_dog
from trainer.photos.folders import find_photos
from trainer.photos.loading import serving_loader
from trainer.photos.parts import carve_validation
from trainer.recipes.recipe_files import read_recipe
from trainer.training.run_folder import Run


def test_training_tells_the_breeds_apart_and_says_so_in_the_bundle(trained):
    assert read_bundle(trained.run.bundle).is_listed
    config = read_bundle(trained.run.bundle).config
    assert config.label_names == sorted(BREEDS)
    assert config.metrics["test"].photos == 30
    assert config.metrics["test"].top1 > 0.9
    assert config.provenance.backbone_weights == "none"
    card = (trained.run.bundle / "MODEL_CARD.md").read_text()
    assert f"{config.metrics['test'].top1:.1%}" in card


def test_training_in_bfloat16_tells_breeds_apart_and_keeps_its_weights_in_float32(trained, tmp_path, capfd):
    """On purpose on every processor: where it does not compute in bfloat16 itself, this is slow but the same."""
    run = Run(tmp_path / "run")
    changes = ["training.precision=bfloat16", "architecture=simple-cnn", "optimizer.lr=1e-3", "training.epochs=5"]
    options = {"data": trained.data, "recipe": str(trained.recipe), "weights": "none", "cache": tmp_path / "cache"}
    call_command("train", run=run.path, changes=changes, **options)
    assert "bf16-mixed" in "".join(capfd.readouterr())
    assert pd.read_csv(run.path / "epochs.csv")["val_acc1"].max() > 0.6  # a guess is right in a third
    trained_weights = torch.load(run.best, map_location="cpu", weights_only=False)["state_dict"]
    assert {tensor.dtype for tensor in trained_weights.values() if tensor.is_floating_point()} == {torch.float32}


@pytest.mark.django_db
def test_the_bundle_answers_a_photo_sent_to_the_api(trained, client, settings):
    settings.DOGBREED_BUNDLE = trained.run.bundle
    forget_default_classifier()
    photo = encoded(draw_dog("striped_terrier", seed=987_655))  # on which rounding to bfloat16 changes nothing
    answer = client.post("/predictImage", {"image": SimpleUploadedFile("dog.jpg", photo, "image/jpeg")}).json()
    forget_default_classifier()
    assert answer["breed"] == "striped_terrier"
    assert answer["model"]["name"] == "quick"
    assert sum(row["probability"] for row in answer["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_the_temperature_is_fitted_and_not_left_at_one(trained):
    assert read_bundle(trained.run.bundle).config.calibration.temperature != 1


def test_every_epoch_is_recorded_as_numbers_and_as_a_plot(trained):
    epochs = pd.read_csv(trained.run.path / "epochs.csv")
    assert list(epochs["epoch"]) == list(range(1, len(epochs) + 1))
    assert {"train_loss", "val_loss", "train_acc1", "val_acc1"} <= set(epochs.columns)
    assert epochs["train_loss"].iloc[-1] < epochs["train_loss"].iloc[0]
    with Image.open(trained.run.path / "curves.png") as plot:
        assert plot.width > plot.height > 200


def test_a_run_records_its_recipe_its_augmented_photos_and_its_metrics(trained):
    assert read_recipe(str(trained.run.path / "recipe.toml")) == read_recipe(str(trained.recipe))
    with Image.open(trained.run.path / "views.png") as views:
        assert views.width > 5 * 64
    events = EventAccumulator(str(trained.run.path / "tensorboard"), size_guidance={"images": 0})
    events.Reload()
    tags = events.Tags()
    assert {"train_loss", "val_loss", "train_acc1", "val_acc1", "train_loss_step"} <= set(tags["scalars"])
    assert any(tag.startswith("lr-") for tag in tags["scalars"])
    assert tags["images"]
    epochs = pd.read_csv(trained.run.path / "epochs.csv")
    said = [event.value for event in events.Scalars("val_loss")]
    np.testing.assert_allclose(said, epochs["val_loss"], atol=1e-5)


def test_the_best_epoch_is_kept_not_the_last(trained):
    epochs = pd.read_csv(trained.run.path / "epochs.csv")
    best = torch.load(trained.run.best, weights_only=False)
    assert best["epoch"] + 1 == epochs.sort_values("val_loss")["epoch"].iloc[0]


def test_validation_photos_come_from_train_and_never_from_test(trained):
    train, validation = carve_validation(find_photos(trained.data / "train"), 0.2, seed=0)
    test = {photo.path.name for photo in find_photos(trained.data / "test")}
    assert len(validation) == 18
    assert not {photo.path for photo in train} & {photo.path for photo in validation}
    assert not {photo.path.name for photo in train + validation} & test


def test_evaluation_frames_a_photo_exactly_as_the_api_does(trained):
    config = read_bundle(trained.run.bundle).config
    photos = find_photos(trained.data / "test")
    images, _ = next(iter(serving_loader(photos, config, batch_size=4, workers=0)))
    for image, photo in zip(images.numpy(), photos, strict=False):
        np.testing.assert_array_equal(image, to_input(open_photo(photo.path.read_bytes(), 80_000_000).image, config))


def test_evaluate_counts_what_predict_answers(trained, tmp_path, capsys, settings):
    settings.DOGBREED_PRECISION = "float32"  # as evaluate does; bfloat16 may change an answer
    out = tmp_path / "evaluation"
    call_command("evaluate", trained.run.bundle, data=trained.data, out=out, compare_pytorch=True)
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == f"Results: {out / 'metrics.json'}"
    assert "100.00% of top-1 equal" in said
    call_command("predict", str(trained.data / "test"), bundle=trained.run.bundle, format="csv")
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    right = sum(Path(row["path"]).parent.name == row["breed"] for row in rows)
    assert json.loads((out / "metrics.json").read_text())["top1"] == pytest.approx(right / len(rows))


def test_a_measurement_is_recorded_in_the_bundle_and_its_card(trained, tmp_path):
    bundle = tmp_path / "bundle"
    call_command("export", trained.run.path, bundle)
    data = trained.data / "train"
    call_command(
        "evaluate", bundle, data=data, out=tmp_path / "out", record="again", describe="Photos it was trained on"
    )
    assert read_bundle(bundle).config.metrics["again"].photos == 90
    assert "| Photos it was trained on | 90 | 3 |" in (bundle / "MODEL_CARD.md").read_text()


def test_a_bundle_can_be_exported_again_and_answers_the_same(trained, tmp_path):
    call_command("export", trained.run.bundle, tmp_path / "again")
    photo = draw_dog("round_hound", seed=5)
    first = Classifier.load(trained.run.bundle, "float32").classify(photo)
    second = Classifier.load(tmp_path / "again", "float32").classify(photo)
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-6)


def test_predict_continues_after_a_file_that_is_no_photo(trained, tmp_path, capsys):
    draw_dog("round_hound", seed=1).save(tmp_path / "dog.jpg")
    (tmp_path / "text.jpg").write_text("not a photo")
    with pytest.raises(CommandError, match="1 of 2 photos could not be read"):
        call_command("predict", str(tmp_path), bundle=trained.run.bundle, format="json")
    good, bad = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert good["breed"] == "round_hound"
    assert set(good["probabilities"]) == set(BREEDS)
    assert bad["path"].endswith("text.jpg")
    assert bad["error"]


def test_a_run_that_exists_is_not_overwritten(trained):
    before = trained.run.best.read_bytes()
    with pytest.raises(CommandError, match="exists"):
        call_command(
            "train", data=trained.data, recipe=str(trained.recipe), weights="none", run=trained.run.path
        )  # fmt: skip
    assert trained.run.best.read_bytes() == before
