import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image, ImageFilter

from dogbreed.model.file_digests import sha256
from tests.trainer.conftest import draw_dog, write_kaggle
from trainer.auditing.labels import find_label_errors
from trainer.photos.quarantine import QUARANTINE


def contents(folder):
    return {
        str(path.relative_to(folder)): sha256(path)
        for path in folder.rglob("*")
        if path.is_file() and QUARANTINE not in path.parts
    }


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def data(tmp_path):
    """Organized photos with one of each thing that an audit looks for."""
    kaggle = write_kaggle(tmp_path / "kaggle", {"round_hound": 30, "square_spaniel": 30})
    call_command("organize", str(kaggle), str(tmp_path / "data"), link="copy")
    data = tmp_path / "data"
    train = sorted((data / "train" / "round_hound").iterdir())
    with Image.open(train[0]) as photo:  # a leak
        photo.resize((150, 120)).save(data / "test" / "round_hound" / "leak.jpg", quality=60)
    shutil.copyfile(train[1], data / "train" / "square_spaniel" / "twice.jpg")
    shutil.copyfile(train[2], data / "train" / "round_hound" / "again.jpg")
    draw_dog("round_hound", 5000).point(lambda value: value // 40).save(data / "train" / "round_hound" / "night.png")
    draw_dog("round_hound", 5001).filter(ImageFilter.GaussianBlur(9)).save(data / "train" / "round_hound" / "fog.png")
    (data / "train" / "round_hound" / "page.jpg").write_text("<html>")
    return data


def audit(data, out, **options):
    call_command("audit", str(data), out=out, no_labels=True, **options)
    return {row["finding"]: row for row in rows_of(out / "audit.csv")}


def test_what_is_odd_is_found_and_nothing_is_touched(data, tmp_path):
    before = contents(data)
    found = audit(data, tmp_path / "audit")
    assert contents(data) == before
    assert found["same scene, other part"]["path"] == "test/round_hound/leak.jpg"
    assert found["same scene, other part"]["action"] == "drop"
    pair = found["same photo, other breed"]
    assert "train/square_spaniel/twice.jpg" in (pair["path"], pair["beside"])
    assert pair["action"] == "look"  # nobody has said which label is right
    assert "train/round_hound/again.jpg" in (found["same photo"]["path"], found["same photo"]["beside"])
    assert found["dark"]["path"] == "train/round_hound/night.png"
    assert found["blurred"]["path"] == "train/round_hound/fog.png"
    assert found["unreadable"]["path"] == "train/round_hound/page.jpg"


def test_the_page_stands_alone_and_shows_every_photo(data, tmp_path):
    audit(data, tmp_path / "audit")
    page = (tmp_path / "audit" / "audit.html").read_text()
    assert "test/round_hound/leak.jpg" in page
    assert page.count("data:image/webp;base64,") >= 7
    assert "http://" not in page
    assert "https://" not in page
    assert 'src="/' not in page


def test_applied_suggestions_keep_the_manifest_true_and_can_be_undone(data, tmp_path):
    audit(data, tmp_path / "audit")
    before = contents(data)
    rows = rows_of(tmp_path / "audit" / "audit.csv")
    moved = next(row["path"] for row in rows_of(data / "manifest.csv") if row["split"] == "train")
    rows.append({**rows[0], "path": moved, "sha256": "", "finding": "label", "action": "relabel:striped_terrier"})
    call_command("audit", str(data), apply=write_rows(tmp_path / "edited.csv", rows))
    assert not (data / "test" / "round_hound" / "leak.jpg").exists()
    assert not (data / moved).exists()
    assert (data / "train" / "striped_terrier" / Path(moved).name).exists()
    listed = {row["path"]: row["breed"] for row in rows_of(data / "manifest.csv")}
    assert listed[f"train/striped_terrier/{Path(moved).name}"] == "striped_terrier"
    assert all((data / path).is_file() for path in listed)
    call_command("audit", str(data), undo=True)
    assert contents(data) == before


def test_kaggles_labels_are_corrected_in_their_list(tmp_path):
    kaggle = write_kaggle(tmp_path / "kaggle", {"round_hound": 4, "square_spaniel": 4})
    before = contents(kaggle)
    table = tmp_path / "edited.csv"
    table.write_text("path,action\ntrain/00000000.jpg,relabel:square_spaniel\ntrain/00000001.jpg,drop\n")
    call_command("audit", str(kaggle), apply=table)
    labels = {row["id"]: row["breed"] for row in rows_of(kaggle / "labels.csv")}
    assert labels["00000000"] == "square_spaniel"
    assert "00000001" not in labels
    assert not (kaggle / "train" / "00000001.jpg").exists()
    call_command("audit", str(kaggle), undo=True)
    assert contents(kaggle) == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train/a/b.jpg,remove", "is not drop, relabel"),
        ("train/a/b.jpg,relabel:../../x", "is not drop, relabel"),
        ("../b.jpg,drop", "inside the data"),
        ("/etc/passwd,drop", "inside the data"),
        ("train/a/b.jpg,relabel:x\ntrain/a/b.jpg,relabel:y", "two actions"),
    ],
)
def test_an_action_that_cannot_be_followed_changes_nothing(data, tmp_path, line, message):
    before = contents(data)
    (tmp_path / "edited.csv").write_text(f"path,action\n{line}\n")
    with pytest.raises(CommandError, match=message):
        call_command("audit", str(data), apply=tmp_path / "edited.csv")
    assert contents(data) == before


def test_a_photo_that_is_not_the_audited_one_any_more_is_skipped(data, tmp_path, capsys):
    audit(data, tmp_path / "audit")
    leak = data / "test" / "round_hound" / "leak.jpg"
    draw_dog("round_hound", 7000).save(leak)
    call_command("audit", str(data), apply=tmp_path / "audit" / "audit.csv")
    assert leak.exists()
    assert "leak.jpg" in capsys.readouterr().err


def test_wrong_labels_are_the_first_suspects():
    random = np.random.default_rng(0)
    centres = random.normal(size=(6, 40)) * 2
    truth = np.repeat(np.arange(6), 50)
    features = (centres[truth] + random.normal(size=(300, 40))).astype(np.float32)
    labels = [f"breed{number}" for number in truth]
    wrong = random.choice(300, 15, replace=False)
    for position in wrong:
        labels[position] = f"breed{(truth[position] + 1) % 6}"
    errors = find_label_errors(features, [*labels, "rare"][:300], list(range(300)))
    assert errors is not None
    assert set(errors.suspects[:15]) == set(wrong.tolist())
    assert all(errors.first_choice(position)[0] == f"breed{truth[position]}" for position in wrong)


def test_twins_never_vouch_for_each_other():
    """Every photo comes twice, both with the same random label: only from its twin could a classifier know it."""
    random = np.random.default_rng(0)
    features = np.repeat(random.normal(size=(100, 600)), 2, axis=0).astype(np.float32)
    labels = np.repeat([f"breed{number}" for number in random.integers(0, 4, 100)], 2)
    groups = np.repeat(np.arange(100), 2).tolist()
    together = find_label_errors(features, labels.tolist(), groups)
    apart = find_label_errors(features, labels.tolist(), list(range(200)))
    assert together is not None
    assert apart is not None
    assert together.accuracy < 0.4 < 0.6 < apart.accuracy


def test_the_features_of_a_bundle_find_a_wrong_label(trained, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(trained.data, data)
    wrong = sorted((data / "train" / "round_hound").iterdir())[3]
    target = data / "train" / "striped_terrier" / wrong.name
    wrong.rename(target)
    options = {"bundle": trained.run.bundle, "out": tmp_path / "audit", "cache": tmp_path / "cache"}
    call_command("audit", str(data), **options)
    labels = [row for row in rows_of(tmp_path / "audit" / "audit.csv") if row["finding"] == "label"]
    assert labels[0]["path"] == str(target.relative_to(data))
    assert labels[0]["detail"].startswith("round_hound ")
