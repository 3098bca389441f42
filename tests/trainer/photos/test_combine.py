"""Several sources of photos as one set, with the test part of the first."""

import shutil

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from tests.trainer.conftest import draw_dog, write_kaggle
from trainer.photos.combine import NEAR_TEST, organize_sources
from trainer.photos.folders import PhotosError
from trainer.photos.organize import organize
from trainer.photos.parts import calibration_photos, training_parts

BREEDS = {"round_hound": 12, "square_spaniel": 12}


@pytest.fixture
def places(tmp_path):
    """Kaggle's layout, and one folder per breed with photos from one large and two small origins."""
    write_kaggle(tmp_path / "kaggle", BREEDS)
    lines = ["file,breed,source"]
    for breed in BREEDS:
        (tmp_path / "more" / breed).mkdir(parents=True)
        for number in range(20):
            origin = "large" if number < 14 else f"small{number % 2}"
            draw_dog(breed, 5000 + number).save(tmp_path / "more" / breed / f"{number:03}.jpg", quality=92)
            lines.append(f"more/{breed}/{number:03}.jpg,{breed},{origin}")
    (tmp_path / "origins.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def write_data_file(folder, more=""):
    path = folder / "dogs.toml"
    path.write_text(
        f'[[source]]\nname = "kaggle"\npath = "kaggle"\n\n[[source]]\nname = "more"\npath = "more"\n{more}\n'
    )
    return path


def table_of(out):
    return pd.read_csv(out / "manifest.csv", dtype=str, keep_default_na=False)


def paths_of(table, part):
    return set(table.loc[table["split"] == part, "path"])


def copy_smaller(photo, path):
    with Image.open(photo) as image:
        image.resize((120, 100)).crop((2, 2, 118, 98)).save(path, quality=60)


def test_the_test_part_is_that_of_the_first_source_alone(places):
    organize(places / "kaggle", places / "alone")
    organize_sources(write_data_file(places), places / "out")
    both = table_of(places / "out")
    assert paths_of(both, "test") == paths_of(table_of(places / "alone"), "test")
    assert set(both.loc[both["source"] == "more", "split"]) == {"train", "valid"}
    assert paths_of(both, "train").isdisjoint(paths_of(both, "valid"))


def test_it_is_so_too_where_near_duplicates_left_the_test_part_short_and_it_was_filled_up(places):
    kaggle = places / "kaggle"
    labels = (kaggle / "labels.csv").read_text()
    for index in range(0, 12, 2):
        copy_smaller(kaggle / "train" / f"01{index:06x}.jpg", kaggle / "train" / f"copy{index}.jpg")
        labels += f"copy{index},square_spaniel\n"
    (kaggle / "labels.csv").write_text(labels)
    for seed in range(4):
        organize(kaggle, places / f"alone{seed}", seed=seed)
        organize_sources(write_data_file(places), places / f"out{seed}", seed=seed)
        alone, both = (table_of(places / f"{name}{seed}") for name in ("alone", "out"))
        assert paths_of(both, "test") == paths_of(alone, "test")


def test_the_first_source_keeps_a_split_that_it_has_already(places):
    organize(places / "kaggle", places / "split", {"train": 0.5, "valid": 0.25, "test": 0.25})
    (places / "split" / "manifest.csv").unlink()
    data_file = write_data_file(places)
    data_file.write_text(data_file.read_text().replace('path = "kaggle"', 'path = "split"'))
    organize_sources(data_file, places / "out")
    both = table_of(places / "out")
    mine = both[both["source"] == "kaggle"]
    on_disk = {str(path.relative_to(places / "split")) for path in (places / "split").rglob("*.jpg")}
    assert set(mine["path"]) == on_disk


def test_training_validates_on_what_is_held_out_of_every_source(places):
    organize_sources(write_data_file(places, "held_out = 0.25"), places / "out")
    train, validation = training_parts(places / "out", 0.1, 0)
    both = table_of(places / "out")
    assert len(train) == (both["split"] == "train").sum()
    assert both[both["split"] == "valid"].groupby(["source", "breed"]).size().to_dict() == {
        ("kaggle", "round_hound"): 1,
        ("kaggle", "square_spaniel"): 1,
        ("more", "round_hound"): 5,
        ("more", "square_spaniel"): 5,
    }
    assert len(validation) == 12


def test_a_source_gives_at_most_its_cap_of_each_breed(places):
    call_command("organize", str(write_data_file(places, "cap = 7\nheld_out = 0")), str(places / "out"))
    table = table_of(places / "out")
    assert (table[table["source"] == "more"].groupby("breed").size() == 7).all()
    assert (table.loc[table["source"] == "more", "split"] == "train").all()


def test_photos_have_the_weight_of_their_source(places):
    call_command("organize", str(write_data_file(places, "weight = 0.5\ncap = 7")), str(places / "out"))
    train, validation = training_parts(places / "out", 0.1, 0)
    source_of = table_of(places / "out").set_index("path")["source"]
    weights = {(source_of[str(p.path.relative_to(places / "out"))], p.weight) for p in [*train, *validation]}
    assert weights == {("kaggle", 1.0), ("more", 0.5)}


def test_whole_origins_are_held_out_but_no_origin_that_is_most_of_them(places):
    organize_sources(write_data_file(places, 'held_out = 0.3\norigins = "origins.csv"'), places / "out")
    more = table_of(places / "out").query("source == 'more'")
    assert set(more.loc[more["split"] == "valid", "origin"]) == {"small0", "small1"}
    assert set(more.loc[more["split"] == "train", "origin"]) == {"large"}


def test_a_breed_whose_only_origins_would_be_held_out_is_trained_on(places):
    (places / "more" / "rare_setter").mkdir()
    for number in range(3):
        draw_dog("striped_terrier", 9000 + number).save(places / "more" / "rare_setter" / f"{number}.jpg", quality=92)
    with (places / "origins.csv").open("a") as origins:
        origins.writelines(f"more/rare_setter/{number}.jpg,rare_setter,small{number % 2}\n" for number in range(3))
    organized = organize_sources(write_data_file(places, 'held_out = 0.4\norigins = "origins.csv"'), places / "out")
    table = table_of(places / "out")
    assert set(table.loc[table["breed"] == "rare_setter", "split"]) == {"train"}
    assert organized.untested == ["rare_setter"]
    training_parts(places / "out", 0.1, 0)


def test_near_duplicates_in_two_sources_are_never_in_two_parts(places, capsys):
    organize(places / "kaggle", places / "alone")
    tested = next((places / "alone" / "test" / "round_hound").iterdir())
    copy_smaller(tested, places / "more" / "round_hound" / "a-test-photo.jpg")
    trained = sorted((places / "alone" / "train" / "round_hound").iterdir())
    for photo in trained:
        shutil.copy(photo, places / "more" / "round_hound" / f"again-{photo.name}")
    call_command("organize", str(write_data_file(places, "held_out = 0.5")), str(places / "out"))
    assert f"Left out, {NEAR_TEST}: 1 (a-test-photo)" in capsys.readouterr().err
    table = table_of(places / "out")
    assert "a-test-photo" not in set(table["id"])
    parts = table[table["group"] != ""].groupby("group")["split"].nunique()
    assert len(parts) >= len(trained)
    assert (parts == 1).all()
    assert (table["moved_from"] == "valid").any()


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("heldout = 0.2", "heldout"),
        ("cap = 0", "cap"),
        ("weight = 0", "weight"),
        ("weight = nan", "weight"),
        ('origins = "nowhere.csv"', r"Source more: .*nowhere\.csv cannot be read"),
        ('origins = "kaggle/labels.csv"', r"needs the columns path \(or file\) and source"),
        ('[[source]]\nname = "more"\npath = "more"', "several sources named more"),
        ('[[source]]\nname = "third"\npath = "nowhere"', "Source third: there is no folder"),
        ("[[", "cannot be read as TOML"),
    ],
)
def test_a_wrong_data_file_is_refused_with_what_is_wrong(places, more, complaint):
    with pytest.raises(CommandError, match=complaint):
        call_command("organize", str(write_data_file(places, more)), str(places / "out"))
    assert not (places / "out").exists()


def test_a_data_file_without_sources_or_that_is_missing_is_refused(tmp_path):
    (tmp_path / "empty.toml").write_text("")
    for name, complaint in (("empty.toml", r"needs a \[\[source\]\] with name and path"), ("none.toml", "none.toml")):
        with pytest.raises(CommandError, match=complaint):
            call_command("organize", str(tmp_path / name), str(tmp_path / "out"))


def test_a_split_goes_into_the_data_file(places):
    with pytest.raises(CommandError, match="Remove --split"):
        call_command("organize", str(write_data_file(places)), str(places / "out"), split="70/20/10")


def test_the_same_seed_gives_the_same_manifest(places):
    for name in ("first", "second"):
        organize_sources(write_data_file(places, "cap = 9"), places / name, seed=3)
    first, second = ((places / name / "manifest.csv").read_bytes() for name in ("first", "second"))
    assert first == second


def with_other_breeds(folder, breed):
    (folder / "others" / breed).mkdir(parents=True)
    for number in range(3):
        draw_dog("striped_terrier", 7000 + number).save(folder / "others" / breed / f"{number}.jpg")
    (folder / "others" / breed / "broken.jpg").write_bytes(b"no photo")
    data_file = write_data_file(folder)
    data_file.write_text('other_breeds = "others"\n' + data_file.read_text())
    return data_file


def test_photos_of_other_breeds_are_brought_along_for_calibration_and_for_nothing_else(places):
    organized = organize_sources(with_other_breeds(places, "akita"), places / "out")
    photos = calibration_photos(places / "out", 0.1, 0)
    assert [photo.path.name for photo in photos.other_breeds] == ["0.jpg", "1.jpg", "2.jpg"]
    assert {photo.source for photo in photos.validation} == {"kaggle", "more"}
    assert organized.left_out["other breeds, unreadable photos"] == ["broken.jpg"]
    assert "akita" not in set(table_of(places / "out")["breed"])
    train, _ = training_parts(places / "out", 0.1, 0)
    assert {photo.breed for photo in train} == set(BREEDS)


def test_a_breed_of_the_sources_is_not_another_breed(places):
    with pytest.raises(PhotosError, match="round_hound"):
        organize_sources(with_other_breeds(places, "round_hound"), places / "out")
    assert not (places / "out").exists()
