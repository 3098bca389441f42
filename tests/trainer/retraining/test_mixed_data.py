"""Which photos a retraining trains on, validates on and measures, and which it leaves out."""

import shutil

import pandas as pd
import pytest
from PIL import Image

from tests.trainer.conftest import BREEDS, draw_dog
from trainer.photos.folders import PhotosError
from trainer.photos.parts import photos_of_part, training_parts
from trainer.retraining.mixed_data import KNOWN_ALREADY, NEAR_TEST, Mix, mix_photos
from trainer.retraining.new_photos import read_new_photos

VALIDATION = (0.2, 0)


def write_new(folder, breeds, first=5000):
    for breed, count in breeds.items():
        (folder / breed).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            draw_dog(breed, first + number + 1000 * len(breed)).save(folder / breed / f"{number:03}.jpg", quality=92)
    return folder


def mixed(organized, new, out, least=5, cap=None, **settings):
    read = read_new_photos([new], set(BREEDS), least, cap)
    out.mkdir()
    return mix_photos(organized, read, Mix(least=least, cap=cap, **settings), VALIDATION, out)


def table_of(out):
    return pd.read_csv(out / "manifest.csv", dtype=str, keep_default_na=False)


def digests(table, part):
    return set(table.loc[table["split"] == part, "sha256"])


def test_the_test_part_is_that_of_the_old_photos_and_what_validated_before_validates_again(organized, tmp_path):
    mixed(organized, write_new(tmp_path / "new", dict.fromkeys(BREEDS, 12)), tmp_path / "out")
    old, table = table_of(organized), table_of(tmp_path / "out")
    assert digests(table, "test") == digests(old, "test")
    _, validated = training_parts(organized, *VALIDATION)
    kept = {photo.path.name for photo in training_parts(tmp_path / "out", *VALIDATION)[1] if not photo.source}
    assert kept == {photo.path.name for photo in validated}
    mine = table[table["source"] == "corrections"]
    assert {"train", "new"} <= set(mine["split"]) <= {"train", "valid", "new"}
    assert not digests(table, "train") & (digests(table, "test") | digests(table, "valid") | digests(table, "new"))


def test_a_new_photo_that_resembles_a_test_photo_is_left_out_and_named(organized, tmp_path):
    new = write_new(tmp_path / "new", {"round_hound": 8})
    tested, trained = (next((organized / part / "round_hound").iterdir()) for part in ("test", "train"))
    with Image.open(tested) as image:
        image.resize((120, 100)).crop((2, 2, 118, 98)).save(new / "round_hound" / "resembles.jpg", quality=60)
    shutil.copy(trained, new / "round_hound" / "again.jpg")
    result = mixed(organized, new, tmp_path / "out")
    assert result.left_out[NEAR_TEST] == [str(new / "round_hound" / "resembles.jpg")]
    assert result.left_out[KNOWN_ALREADY] == [str(new / "round_hound" / "again.jpg")]
    assert sum(result.new.values()) == 8


def test_what_cannot_be_used_is_left_out_and_named(organized, tmp_path):
    new = write_new(tmp_path / "new", {"round_hound": 6, "rare_setter": 3})
    (new / "round_hound" / "broken.jpg").write_bytes(b"no photo")
    (new / "square_spaniel").mkdir()
    for breed in ("round_hound", "square_spaniel"):
        draw_dog("round_hound", 77).save(new / breed / "both.jpg", quality=92)
    result = mixed(organized, new, tmp_path / "out")
    named = {reason: len(names) for reason, names in result.left_out.items() if names}
    assert named == {
        "they cannot be read": 1,
        "the same file has several labels": 2,
        "the model does not know the breed, and there are fewer than 5 photos of it": 3,
    }
    assert "rare_setter" not in set(table_of(tmp_path / "out")["breed"])


def test_at_most_so_many_photos_of_a_breed_are_used(organized, tmp_path):
    result = mixed(organized, write_new(tmp_path / "new", {"round_hound": 12}), tmp_path / "out", cap=7)
    assert sum(result.new.values()) == 7


def test_old_photos_that_are_not_replayed_are_kept_for_the_next_time(organized, tmp_path):
    new = write_new(tmp_path / "new", {"round_hound": 10})
    result = mixed(organized, new, tmp_path / "out", replay=2)
    assert 2 * result.new["train"] <= result.old["train"] <= 2 * result.new["train"] + len(BREEDS)
    everything = {photo.path.name for photo in training_parts(organized, *VALIDATION)[0]}
    kept = photos_of_part(tmp_path / "out", "train") + photos_of_part(tmp_path / "out", "spare")
    assert {photo.path.name for photo in kept if not photo.source} == everything

    more = write_new(tmp_path / "more", {"square_spaniel": 10}, first=9000)
    again = mixed(tmp_path / "out", more, tmp_path / "second")
    assert again.old["train"] == len(everything) + result.new["train"]
    assert digests(table_of(tmp_path / "second"), "new") >= digests(table_of(tmp_path / "out"), "new")


def test_a_photo_that_is_held_out_once_is_held_out_when_there_are_more(organized, tmp_path):
    new = write_new(tmp_path / "new", {"round_hound": 12})
    mixed(organized, new, tmp_path / "out")
    write_new(new, {"square_spaniel": 12})
    mixed(organized, new, tmp_path / "second")
    assert digests(table_of(tmp_path / "second"), "new") >= digests(table_of(tmp_path / "out"), "new") > set()


def test_an_export_of_corrections_is_read_and_what_was_withdrawn_is_not_replayed(organized, tmp_path):
    export = tmp_path / "export"
    write_new(export / "breeds", {"round_hound": 10})
    write_new(export / "other_breeds", {"crossed_collie": 6})
    (export / "not_a_dog").mkdir()
    draw_dog("round_hound", 1).save(export / "not_a_dog" / "chair.jpg")
    (export / "manifest.csv").write_text("path,label\n")
    first = mixed(organized, export, tmp_path / "out")
    assert first.new_breeds == ["crossed_collie"]
    assert sum(first.new.values()) == 16
    assert len(first.left_out["they show no dog"]) == 1

    gone = next(photo.path for photo in photos_of_part(tmp_path / "out", "train") if photo.source == "corrections")
    (export / "withdrawn.csv").write_text(f"answer,path\n{gone.stem},{gone.name}\n")
    next(export.rglob(f"{gone.parent.name}/{gone.name}")).unlink()
    write_new(export / "breeds", {"square_spaniel": 10}, first=9000)
    mixed(tmp_path / "out", export, tmp_path / "second")
    assert sum(photo.source == "corrections" for photo in photos_of_part(tmp_path / "second", "train")) > 0
    assert gone.name not in {
        path.name for path in (tmp_path / "second").rglob(gone.name) if path.parent.name == gone.parent.name
    }


def test_the_label_of_a_correction_can_be_corrected(organized, tmp_path):
    new = write_new(tmp_path / "new", {"round_hound": 12})
    mixed(organized, new, tmp_path / "out")
    (new / "square_spaniel").mkdir()
    for photo in sorted((new / "round_hound").iterdir()):
        photo.rename(new / "square_spaniel" / photo.name)
    again = mixed(tmp_path / "out", new, tmp_path / "second")
    assert len(again.left_out["they have another label now"]) == 12
    mine = table_of(tmp_path / "second").query("source == 'corrections'")
    assert set(mine["breed"]) == {"square_spaniel"}
    assert len(mine) == 12


def test_no_photos_are_an_error(organized, tmp_path):
    (tmp_path / "new").mkdir()
    with pytest.raises(PhotosError, match="no labelled photos"):
        mixed(organized, tmp_path / "new", tmp_path / "out")
    for number, photo in enumerate((organized / "test" / "round_hound").iterdir()):
        (tmp_path / "known" / "round_hound").mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, tmp_path / "known" / "round_hound" / f"{number}.jpg")
    with pytest.raises(PhotosError, match=r"No new photo is left to train on.*near-duplicates of a test photo"):
        mixed(organized, tmp_path / "known", tmp_path / "second")


@pytest.mark.parametrize("name", ["<b>hound", "hound;rm -rf", "-hound", "\u202edrahnuoh", "h" * 120])
def test_a_label_that_cannot_name_a_breed_is_refused_by_name(organized, tmp_path, name):
    new = write_new(tmp_path / "new", {"round_hound": 6})
    shutil.copytree(new / "round_hound", new / name)
    with pytest.raises(PhotosError, match="labels that cannot name a breed") as error:
        mixed(organized, new, tmp_path / "out")
    assert str(error.value).isprintable()
