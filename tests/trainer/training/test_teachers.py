"""Teachers: bundles whose answers are trained on beside the labels."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from django.core.management import CommandError, call_command

from dogbreed.model.bundle import read_bundle
from dogbreed.model.file_digests import write_digests
from tests.trainer.conftest import BREEDS
from trainer.distributed import ALONE
from trainer.recipes.recipe import Augmentation, Training
from trainer.training.augmentation import BatchAugmentation
from trainer.training.run_config import read_run_config
from trainer.training.teachers import View, load_teachers, mean_answer, teacher_origins

DISTILLED = ["training.distillation=0.5", "training.epochs=1"]


def train(trained, folder, *changes, **options):
    """Trains from the weights of the trained bundle; options replace what it is called with."""
    arguments = {"recipe": str(trained.recipe), "weights": str(trained.run.bundle / "weights.safetensors")}
    run = folder / "run"
    call_command(
        "train", data=trained.data, run=run, cache=folder / "cache", changes=list(changes), **{**arguments, **options}
    )
    return run


@pytest.fixture(scope="module")
def taught(trained, tmp_path_factory):
    """A run of one epoch that a bundle teaches, with a second bundle beside it."""
    folder = tmp_path_factory.mktemp("taught")
    second = shutil.copytree(trained.run.bundle, folder / "second")
    return train(trained, folder, *DISTILLED, teacher=[trained.run.bundle, second])


def test_the_run_and_its_bundle_name_the_teachers(trained, taught):
    config, provenance = read_run_config(taught), read_bundle(taught / "bundle").config.provenance
    assert list(config.teachers) == [trained.run.bundle.resolve(), taught.parent / "second"]
    name = read_bundle(trained.run.bundle).config
    assert [teacher.name for teacher in provenance.teachers] == [f"{name.name} {name.version}"] * 2
    assert f"Distilled from: {name.name} {name.version}" in (taught / "bundle" / "MODEL_CARD.md").read_text()
    assert str(taught.parent) not in (taught / "bundle" / "config.json").read_text()


def test_a_run_without_fixed_views_is_taught_by_answers_to_whole_photos(taught):
    # The two bundles answer alike, so what the first said is what the second would say.
    files = list((taught.parent / "cache").glob("answers-*.npy"))
    assert len(files) == 1
    assert np.load(files[0]).shape == (72, len(BREEDS))


def test_a_run_goes_on_with_its_teachers_and_not_with_others(trained, taught, tmp_path):
    other = shutil.copytree(trained.run.bundle, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["calibration"]["temperature"] *= 2
    (other / "config.json").write_text(json.dumps(config))
    write_digests(other)
    with pytest.raises(CommandError, match=r"was started with quick .*Resume it without --teacher"):
        call_command("train", data=trained.data, resume=taught, teacher=[other])
    with pytest.raises(CommandError, match=r"was started with no teacher"):
        call_command("train", data=trained.data, resume=trained.run.path, teacher=[trained.run.bundle])
    call_command("train", data=trained.data, resume=taught, cache=taught.parent / "cache")


def test_a_run_whose_teacher_changed_is_not_resumed(trained, tmp_path):
    run, teacher = tmp_path / "run", shutil.copytree(trained.run.bundle, tmp_path / "teacher")
    shutil.copytree(trained.run.path, run, ignore=shutil.ignore_patterns("bundle", "evaluation"))
    name = read_bundle(teacher).config
    recorded = {str(teacher): {"name": f"{name.name} {name.version}", "sha256": "0" * 64}}
    (run / "run.json").write_text(json.dumps(json.loads((run / "run.json").read_text()) | {"teachers": recorded}))
    with pytest.raises(CommandError, match=r"teacher is not the teacher that the run was started with"):
        call_command("train", data=trained.data, resume=run, cache=tmp_path / "cache")


def test_a_teacher_with_other_weights_is_another_teacher(tiny_bundle, bundle_copy):
    """The large tensors of a network are in a file of their own."""
    weights = bundle_copy / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    labels, settings = read_bundle(tiny_bundle).config.label_names, Training(epochs=1, distillation=0.5)
    (mine,), (other,) = (teacher_origins([path], labels, settings).values() for path in (tiny_bundle, bundle_copy))
    assert mine.name == other.name
    assert mine.sha256 != other.sha256


def test_a_teacher_of_other_breeds_is_refused(trained, tiny_bundle, tmp_path):
    with pytest.raises(CommandError, match=r"other label names than the photos. It lacks round_hound, .*blue_hound"):
        train(trained, tmp_path, *DISTILLED, teacher=[tiny_bundle])
    assert not (tmp_path / "run").exists()


def test_a_recipe_that_gives_teachers_no_weight_is_refused(trained, tmp_path):
    with pytest.raises(CommandError, match=r"no weight. Add --set training\.distillation=0\.5"):
        train(trained, tmp_path, teacher=[trained.run.bundle])


def test_a_teacher_sees_the_crops_of_the_learner_and_is_asked_once(taught):
    seen, asked = [], []

    def crop(photos, size):
        seen.append(BatchAugmentation(Augmentation(), size, ALONE)(photos))
        return seen[-1]

    pixels = np.random.default_rng(0).integers(0, 256, (70, 3, 80, 80), np.uint8)
    teacher = load_teachers(read_run_config(taught), taught.parent / "more")[0]
    view = View("view 1", ("view", 1), 1, crop)
    answers = [teacher.answers(pixels, view, lambda done, total: asked.append(done)) for _ in range(2)]
    np.testing.assert_array_equal(answers[0], answers[1])
    assert asked == [64, 70]
    torch.testing.assert_close(mean_answer(answers).sum(dim=1), torch.ones(70))
    other = teacher.answers(pixels, View("view 2", ("view", 2), 2, crop), lambda done, total: None)
    assert not torch.equal(seen[0], seen[2])
    assert not np.allclose(answers[0], other)


def test_a_head_on_a_frozen_backbone_is_taught_by_answers_to_the_same_views(trained, tmp_path):
    frozen = ["training.frozen_epochs=all", "training.feature_views=2", "training.distillation=0.7"]
    run = train(trained, tmp_path, *frozen, "training.epochs=2", teacher=[trained.run.bundle])
    assert len(list((tmp_path / "cache").glob("answers-*.npy"))) == 2
    assert pd.read_csv(run / "epochs.csv")["val_acc1"].max() > 0.8
    assert Path(run / "bundle").is_dir()
