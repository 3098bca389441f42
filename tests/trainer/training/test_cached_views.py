"""A backbone whose first layers compute each fixed view once, and whose last layers are trained."""

import pandas as pd
import pytest
import torch
from django.core.management import call_command
from safetensors.torch import load_file

CUT = "training.cached_through=layer3"


def train(trained, folder, *changes, **options):
    call_command(
        "train",
        data=trained.data,
        recipe=str(trained.recipe),
        weights=str(trained.run.bundle / "weights.safetensors"),
        run=folder,
        cache=folder.parent / "cache",
        changes=list(changes),
        **options,
    )
    return folder


def test_only_the_layers_after_the_cut_are_trained_and_the_head_first(trained, tmp_path):
    changes = [CUT, "training.feature_views=2", "training.epochs=4", "training.frozen_epochs=2", "optimizer.lr=1e-4"]
    changes += ["training.distillation=0.5", "training.batch_statistics=kept", "training.ema_decay=0.5"]
    run = train(trained, tmp_path / "run", *changes, teacher=[trained.run.bundle])
    before, after = (load_file(bundle / "weights.safetensors") for bundle in (trained.run.bundle, run / "bundle"))
    own = [name for name in before if name.startswith(("backbone.", "head."))]
    changed = {name.split(".")[1] for name in own if not torch.equal(before[name], after[name])}
    assert changed == {"layer4", "output"}
    assert all(torch.equal(before[name], after[name]) for name in before if "running" in name)
    files = {kind: len(list((tmp_path / "cache").glob(f"{kind}-*.npy"))) for kind in ("activations", "answers")}
    assert files == {"activations": 4, "answers": 3}  # whole photos, two views, and the validation photos
    assert pd.read_csv(run / "epochs.csv")["val_acc1"].max() > 0.8


def test_activations_give_the_same_validation_loss_as_photos(trained, tmp_path):
    losses = []
    for number, changes in enumerate(([CUT], ["training.frozen_epochs=all", "training.feature_views=0"])):
        unchanged = ["optimizer.lr=1e-12", "training.epochs=1", "training.batch_statistics=kept"]
        run = train(trained, tmp_path / f"run{number}", *unchanged, *changes)
        losses.append(pd.read_csv(run / "epochs.csv")["val_loss"].iloc[0])
    assert losses[0] == pytest.approx(losses[1], rel=2e-3)  # activations are stored in half precision


def test_without_teachers_the_starting_model_teaches(trained, tmp_path):
    # Its answers are the only targets and the head hardly changes, so they agree about every photo.
    changes = [CUT, "training.epochs=1", "training.frozen_epochs=all", "optimizer.lr=1e-12", "head.dropout=0"]
    run = train(trained, tmp_path / "run", *changes, "training.distillation=1.0")
    assert pd.read_csv(run / "epochs.csv")["train_acc1"].iloc[0] == 1.0
