"""A frozen backbone, with its features computed once and with the backbone in every step."""

import pandas as pd
import pytest
import torch
from django.core.management import call_command
from safetensors.torch import load_file


def trained_further(trained, folder, changes):
    """The weights of a trained network before and after it was trained again, with changes to its recipe."""
    weights, run = trained.run.bundle / "weights.safetensors", folder / "run"
    options = {"data": trained.data, "recipe": str(trained.recipe), "cache": folder / "cache"}
    call_command("train", weights=str(weights), run=run, changes=changes, **options)
    return load_file(weights), load_file(run / "bundle" / "weights.safetensors")


@pytest.mark.parametrize("views", [2, 0])
def test_a_frozen_backbone_stays_unchanged_while_its_head_is_trained(trained, tmp_path, views):
    changes = ["training.frozen_epochs=all", f"training.feature_views={views}", "head.hidden=[16]", "training.epochs=5"]
    before, after = trained_further(trained, tmp_path, changes)
    assert all(torch.equal(after[name], before[name]) for name in before if name.startswith("backbone."))
    assert pd.read_csv(tmp_path / "run" / "epochs.csv")["val_acc1"].max() > 0.8
    assert len(list((tmp_path / "cache").glob("features-*.npy"))) == (views + 1 if views else 0)


def test_batch_statistics_can_be_kept_while_the_backbone_is_trained(trained, tmp_path):
    changes = ["training.batch_statistics=kept", "training.epochs=1", "optimizer.lr=1e-4"]
    before, after = trained_further(trained, tmp_path, changes)
    own = [name for name in before if name.startswith("backbone.")]
    statistics = [name for name in own if "running_" in name]
    assert statistics
    assert all(torch.equal(after[name], before[name]) for name in statistics)
    assert any(not torch.equal(after[name], before[name]) for name in own if name not in statistics)


def test_the_benchmark_prints_what_was_measured_side_by_side(trained, tmp_path):
    options = {"data": trained.data, "recipes": [str(trained.recipe)], "cache": tmp_path / "cache"}
    call_command("benchmark", "training", photos=16, out=tmp_path / "speed.csv", **options)
    speed = pd.read_csv(tmp_path / "speed.csv").iloc[0]
    assert speed["as_trained_to_in_memory"] == pytest.approx(speed["as_trained"] / speed["in_memory"])
    call_command("benchmark", "feature-cache", photos=16, epochs=2, out=tmp_path / "cache.csv", **options)
    gain = pd.read_csv(tmp_path / "cache.csv").iloc[0]
    assert gain["epochs"] == 2
    assert gain["ratio"] == pytest.approx(gain["seconds_without"] / gain["seconds_with"])


def test_features_give_the_same_validation_loss_as_photos_also_with_mirror_images(trained, tmp_path):
    losses = []
    for views in (1, 0):
        changes = ["input.mirror=true", "training.frozen_epochs=all", "optimizer.lr=1e-12", "training.epochs=1"]
        call_command(
            "train",
            data=trained.data,
            recipe=str(trained.recipe),
            weights=str(trained.run.bundle / "weights.safetensors"),
            run=tmp_path / f"run{views}",
            cache=tmp_path / "cache",
            changes=[*changes, f"training.feature_views={views}"],
        )
        losses.append(pd.read_csv(tmp_path / f"run{views}" / "epochs.csv")["val_loss"].iloc[0])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
