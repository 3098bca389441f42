"""Training and measuring use the photos that the manifest lists."""

import logging
import shutil
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from tests.trainer.conftest import draw_dog
from trainer.photos.folders import PhotosError, find_photos
from trainer.photos.parts import photos_of_part, photos_to_measure, training_parts


@pytest.fixture
def data(organized, tmp_path) -> Path:
    return Path(shutil.copytree(organized, tmp_path / "data"))


def change_manifest(data: Path, change) -> None:
    rows = pd.read_csv(data / "manifest.csv", dtype=str, keep_default_na=False)
    change(rows).to_csv(data / "manifest.csv", index=False)


def test_what_was_organized_is_found_in_the_order_of_its_folders(data):
    for part in ("train", "test"):
        assert photos_of_part(data, part) == find_photos(data / part)
    assert photos_to_measure(data) == find_photos(data / "test")


def test_breeds_and_parts_are_those_of_the_manifest(data):
    first = find_photos(data / "train")[0]

    def moved(rows: pd.DataFrame) -> pd.DataFrame:
        mine = rows["path"] == str(first.path.relative_to(data))
        rows.loc[mine, ["breed", "split"]] = ["square_spaniel", "valid"]
        return rows

    change_manifest(data, moved)
    train, validation = training_parts(data, 0.1, seed=0)
    assert [(photo.path, photo.breed) for photo in validation] == [(first.path, "square_spaniel")]
    assert first.path not in [photo.path for photo in train]


def test_a_listed_photo_that_is_missing_is_named(data):
    gone = find_photos(data / "train")[5].path
    gone.unlink()
    with pytest.raises(PhotosError, match=rf"1 photos in .*manifest\.csv are missing on disk: {gone}\. Restore them"):
        photos_of_part(data, "train")
    with pytest.raises(CommandError, match="missing on disk"):
        call_command("train", data=data, weights="none", recipe="simple-cnn")


def test_a_photo_that_is_not_listed_is_not_used_and_said(data, caplog):
    draw_dog("round_hound", 5).save(data / "train" / "round_hound" / "another.jpg")
    before = len(pd.read_csv(data / "manifest.csv").query("split == 'train'"))
    with caplog.at_level(logging.WARNING):
        assert len(photos_of_part(data, "train")) == before
    assert "1 photos in" in caplog.text
    assert "another.jpg" in caplog.text
    assert "manage.py organize" in caplog.text


def test_photos_that_an_audit_drops_or_relabels_are_honoured(data, tmp_path, caplog):
    drop, relabel = (photo.path.relative_to(data) for photo in find_photos(data / "train")[:2])
    table = tmp_path / "audit.csv"
    table.write_text(f"path,action\n{drop},drop\n{relabel},relabel:striped_terrier\n")
    before = photos_of_part(data, "train")
    call_command("audit", str(data), apply=table)
    after = photos_of_part(data, "train")
    assert len(after) == len(before) - 1
    assert [photo.breed for photo in after if photo.path.name == relabel.name] == ["striped_terrier"]
    call_command("audit", str(data), undo=True)
    assert photos_of_part(data, "train") == before
    assert not caplog.text


def test_photos_weigh_one_unless_the_manifest_says_otherwise(data):
    assert {photo.weight for photo in photos_of_part(data, "train")} == {1.0}
    change_manifest(data, lambda rows: rows.assign(weight=["0.25", *[""] * (len(rows) - 1)]))
    heavy = pd.read_csv(data / "manifest.csv")["path"][0]
    part = heavy.split("/")[0]
    weights = {str(photo.path.relative_to(data)): photo.weight for photo in photos_of_part(data, part)}
    assert weights.pop(heavy) == 0.25
    assert set(weights.values()) == {1.0}


@pytest.mark.parametrize("weight", ["0", "-1", "much", "inf"])
def test_an_impossible_weight_is_named(data, weight):
    change_manifest(data, lambda rows: rows.assign(weight=weight))
    with pytest.raises(PhotosError, match=rf"weight of test/.* is '{weight}'\. It must be a number above 0"):
        photos_of_part(data, "test")


def test_folders_without_a_manifest_are_read_as_they_are(data):
    expected = find_photos(data / "train")
    (data / "manifest.csv").unlink()
    assert photos_of_part(data, "train") == expected
    assert photos_to_measure(data / "test") == find_photos(data / "test")
    with pytest.raises(PhotosError, match="no photos for the part valid"):
        photos_of_part(data, "valid")


def test_the_manifest_of_a_collection_says_nothing_about_parts(tmp_path):
    (tmp_path / "round_hound").mkdir()
    draw_dog("round_hound", 1).save(tmp_path / "round_hound" / "a.jpg")
    (tmp_path / "manifest.csv").write_text("path,breed,url\nround_hound/a.jpg,round_hound,https://example.org\n")
    assert photos_to_measure(tmp_path) == find_photos(tmp_path)
