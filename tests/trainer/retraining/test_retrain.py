"""`manage.py retrain`: what the new bundle knows, what is said of it, and what becomes of an interrupted one."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from django.core.management import CommandError, call_command
from PIL import Image, ImageDraw
from safetensors.torch import load_file

from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.comparison_result import ComparisonResult
from dogbreed.model.file_digests import digest_of_bundle
from tests.once import made_once
from tests.trainer.conftest import BREEDS, draw_dog
from trainer.evaluation.evaluate import evaluate
from trainer.photos.parts import photos_of_part
from trainer.progress import silent

ROOT = Path(__file__).parents[3]
BREATH = 300  # seconds that a process may take: many more than it needs
NEW_BREED = "crossed_collie"
# The network of these tests was trained from nothing and needs more than a gentle touch.
LEARN = ["training.epochs=6", "optimizer.lr=2e-3"]


def draw_new_breed(seed):
    photo = draw_dog("round_hound", 30_000 + seed)
    random = np.random.default_rng(seed)
    left, top = (int(value) for value in random.integers(5, 25, 2))
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 0, 95, 79), fill=tuple(int(value) for value in random.integers(20, 180, 3)))
    draw.line((left, top, left + 50, top + 50), fill=(60, 60, 250), width=12)
    draw.line((left + 50, top, left, top + 50), fill=(60, 60, 250), width=12)
    lawn = Image.fromarray(random.integers(20, 180, (16, 18, 3), np.uint8)).resize(photo.size)
    return Image.blend(photo, lawn, 0.25)


def write_corrections(folder):
    """Photos of a breed that is new and of one that is known."""
    for breed in (NEW_BREED, "round_hound"):
        (folder / breed).mkdir(parents=True)
        for number in range(24):
            photo = draw_new_breed(number) if breed == NEW_BREED else draw_dog(breed, 20_000 + number)
            photo.save(folder / breed / f"{number:03}.jpg", quality=92)
    return folder


def options(trained, new, run, changes=()):
    cache = trained.run.path.parent / "cache"
    return {"data": trained.data, "new": [new], "run": run, "cache": cache, "changes": list(changes)}


@dataclass(frozen=True)
class Retrained:
    new: Path
    run: Path
    said: str

    @property
    def bundle(self):
        return self.run / "training" / "bundle"


@pytest.fixture(scope="session")
def retrained(trained, tmp_path_factory):
    """What `manage.py retrain` makes of the trained bundle. Tests do not change it."""

    def retrain(folder):
        new, said = write_corrections(folder / "new"), io.StringIO()
        asked = options(trained, new, folder / "run", LEARN)
        call_command("retrain", str(trained.run.bundle), stdout=said, stderr=said, **asked)
        (folder / "said.txt").write_text(said.getvalue())

    folder = made_once(tmp_path_factory, "retrained", retrain)
    return Retrained(folder / "new", folder / "run", (folder / "said.txt").read_text())


def accuracy(bundle, photos):
    return evaluate(Classifier.load(bundle, precision="float32"), photos, "", silent, "").metrics.top1


def test_a_new_breed_is_learned_and_the_old_ones_are_not_forgotten(trained, retrained):
    assert read_bundle(retrained.bundle).config.label_names == sorted([*BREEDS, NEW_BREED])
    new = [photo for photo in photos_of_part(retrained.run / "data", "new") if photo.breed == NEW_BREED]
    assert accuracy(retrained.bundle, new) >= 0.75
    tested = photos_of_part(trained.data, "test")
    assert accuracy(retrained.bundle, tested) >= accuracy(trained.run.bundle, tested) - 0.1


def test_the_comparison_decides_and_nothing_is_promoted(trained, retrained):
    result = ComparisonResult.model_validate_json((retrained.run / "comparison" / "comparison.json").read_text())
    assert (result.old, result.new) == (digest_of_bundle(trained.run.bundle), digest_of_bundle(retrained.bundle))
    assert result.outcome != "worse", result.reasons
    for reason in result.reasons:
        assert reason in retrained.said
    comparison = retrained.run / "comparison" / "comparison.json"
    assert f"Promote it with: manage.py promote {retrained.bundle} --comparison {comparison}" in retrained.said


def test_the_bundle_says_what_it_was_made_from(trained, retrained):
    old, config = trained.run.bundle, read_bundle(retrained.bundle).config
    origin = config.provenance.retrained_from
    assert origin is not None
    assert (origin.name, origin.version) == (read_bundle(old).config.name, read_bundle(old).config.version)
    assert origin.sha256 == digest_of_bundle(old)
    assert origin.new_photos == 48
    assert len(origin.new_photos_sha256) == 1
    assert config.version != read_bundle(old).config.version
    assert config.provenance.backbone_weights == read_bundle(old).config.provenance.backbone_weights
    assert config.provenance.recipe["optimizer"]["lr"] == 2e-3
    assert origin.sha256 in (retrained.bundle / "MODEL_CARD.md").read_text()
    assert "optimizer.lr=0.002 (was 0.003)" in retrained.said
    assert f"New breeds: {NEW_BREED}" in retrained.said


def test_wrong_corrections_end_with_another_status_and_no_word_of_promotion(trained, tmp_path):
    wrong, said = tmp_path / "new" / "square_spaniel", io.StringIO()
    wrong.mkdir(parents=True)
    for number in range(40):
        draw_dog("round_hound", 50_000 + number).save(wrong / f"{number:03}.jpg", quality=92)
    asked = options(trained, tmp_path / "new", tmp_path / "run", LEARN)
    with pytest.raises(CommandError, match="worse") as error:
        call_command("retrain", str(trained.run.bundle), replay="0", weight=9.0, stdout=said, stderr=said, **asked)
    assert error.value.returncode == 3
    assert "Top-1 of Round Hound fell" in said.getvalue()
    assert "Promote" not in said.getvalue()


def test_old_photos_of_another_kind_are_noticed(trained, retrained, tmp_path):
    from trainer.retraining.mixed_data import Mix
    from trainer.retraining.retrain import Retraining, RetrainingError, start_retraining, what_is_asked

    data = tmp_path / "data"
    for part in ("train", "test"):
        for breed in BREEDS:
            (data / part / breed).mkdir(parents=True)
            for photo in (trained.data / part / breed).iterdir():
                os.link(photo, data / part / breed / photo.name)
    said = io.StringIO()
    with pytest.raises(CommandError, match="KEY=VALUE"):
        call_command(
            "retrain",
            str(trained.run.bundle),
            stderr=said,
            **{**options(trained, retrained.new, tmp_path / "run", ["nonsense"]), "data": data},
        )
    assert "is not the one that" in said.getvalue()
    assert not (tmp_path / "run").exists()
    for part in ("train", "test"):
        (data / part / BREEDS[0]).rename(data / part / "other_hound")
    asked = what_is_asked(trained.run.bundle, data, [retrained.new], Mix(), [])
    with pytest.raises(RetrainingError, match=f"lacks {BREEDS[0]} and also has other_hound"):
        start_retraining(Retraining(tmp_path / "run"), asked)


def test_a_killed_retraining_goes_on_and_ends_as_if_nothing_had_happened(trained, retrained, tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "manage.py", "retrain", str(trained.run.bundle), "--continue", "--run", str(run)]
    command += ["--data", str(trained.data), "--new", str(retrained.new), "--cache", str(tmp_path / "cache")]
    for change in LEARN:
        command += ["--set", change]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    epochs = run / "training" / "epochs.csv"
    while process.poll() is None and not (epochs.exists() and len(epochs.read_text().splitlines()) > 1):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=BREATH)
    assert not (run / "comparison").exists()
    with pytest.raises(CommandError, match=r"other settings: changes was .* and is now \[\]"):
        call_command("retrain", str(trained.run.bundle), continued=True, **options(trained, retrained.new, run))
    call_command("retrain", str(trained.run.bundle), continued=True, **options(trained, retrained.new, run, LEARN))
    mine, other = (
        pd.read_csv(path / "training" / "epochs.csv").drop(columns="seconds") for path in (run, retrained.run)
    )
    pd.testing.assert_frame_equal(mine, other)
    outcome = json.loads((run / "comparison" / "comparison.json").read_text())["outcome"]
    assert outcome == json.loads((retrained.run / "comparison" / "comparison.json").read_text())["outcome"]


def test_it_is_listed_among_the_runs(retrained):
    said = io.StringIO()
    call_command("runs", str(retrained.run.parent), stdout=said, stderr=said)
    assert "done" in said.getvalue()
    assert "Skipped" in said.getvalue()  # the folder of new photos beside it
    assert f"Skipped: {retrained.run}" not in said.getvalue()


def test_without_the_old_photos_there_is_nothing_to_replay_or_measure(trained, retrained):
    with pytest.raises(CommandError, match=r"Give --data.*forgets"):
        call_command("retrain", str(trained.run.bundle), new=[retrained.new])


def test_joined_networks_keep_their_backbones_and_learn_in_the_head(trained, retrained, tmp_path):
    joined = tmp_path / "joined"
    bundles = [str(trained.run.bundle)] * 2
    call_command("join", *bundles, str(joined), data=trained.data)
    asked = options(trained, retrained.new, tmp_path / "run", ["training.epochs=1", "optimizer.lr=1e-4"])
    said = io.StringIO()
    with contextlib.suppress(CommandError):  # one epoch may be too few for the new breed: the comparison says so
        call_command("retrain", str(joined), stdout=said, stderr=said, **asked)
    assert "training.frozen_epochs=all (was 0)" in said.getvalue()
    before, after = (load_file(path / "weights.safetensors") for path in (joined, tmp_path / "run/training/bundle"))
    backbone = [name for name in before if name.startswith("backbone.") and name.endswith("weight")]
    assert backbone
    assert all(torch.equal(before[name], after[name]) for name in backbone)
    assert len(after["head.output.weight"]) == len(before["head.output.weight"]) + 1
