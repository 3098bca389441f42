import csv
import random
import shutil

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from dogbreed.bundle import sha256
from tests.trainer.conftest import write_kaggle
from trainer.organize import organize
from trainer.splits import split_breed

ids = st.lists(st.text("0123456789abcdef", min_size=1, max_size=32), min_size=2, max_size=80, unique=True)
fractions = st.floats(0.01, 0.99)


@given(ids=ids, fraction=fractions, seed=st.integers(0, 2**31))
def test_every_photo_lands_on_exactly_one_side(ids, fraction, seed):
    kept, taken = split_breed(ids, fraction, seed, "test")
    assert sorted(kept + taken) == sorted(ids)
    assert kept
    assert taken


@given(ids=ids, fraction=fractions, seed=st.integers(0, 2**31))
def test_the_share_taken_out_is_the_fraction_to_the_nearest_photo(ids, fraction, seed):
    _, taken = split_breed(ids, fraction, seed, "test")
    assert abs(len(taken) - len(ids) * fraction) <= 0.5 or len(taken) in (1, len(ids) - 1)


@given(ids=ids, fraction=fractions, seed=st.integers(0, 2**31), shuffled=st.randoms())
def test_the_order_of_files_does_not_matter(ids, fraction, seed, shuffled):
    reordered = list(ids)
    shuffled.shuffle(reordered)
    assert split_breed(ids, fraction, seed, "test") == split_breed(reordered, fraction, seed, "test")


def test_another_seed_gives_another_split():
    names = [f"{number:032x}" for number in range(100)]
    assert split_breed(names, 0.25, 0, "test") != split_breed(names, 0.25, 1, "test")


@given(ids=ids, fraction=fractions, added=st.text("ghij", min_size=1, max_size=8))
def test_one_more_photo_moves_few_of_the_others(ids, fraction, added):
    before = set(split_breed(ids, fraction, 0, "test")[1])
    after = set(split_breed([*ids, added], fraction, 0, "test")[1])
    assert len(before - after) <= 1


@pytest.fixture
def kaggle(tmp_path):
    return write_kaggle(tmp_path / "kaggle", {"round_hound": 8, "square_spaniel": 12})


def manifest_of(out):
    with (out / "manifest.csv").open() as file:
        return list(csv.DictReader(file))


def test_photos_are_laid_out_by_split_and_breed_with_a_manifest_that_is_true(kaggle, tmp_path):
    organized = organize(kaggle, tmp_path / "out")
    assert organized.counts == {"train": 15, "test": 5}
    assert organized.breeds == 2
    rows = manifest_of(tmp_path / "out")
    on_disk = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.jpg"))
    assert [row["path"] for row in rows] == on_disk
    for row in rows:
        assert row["path"] == f"{row['split']}/{row['breed']}/{row['id']}.jpg"
        assert row["sha256"] == sha256(kaggle / "train" / f"{row['id']}.jpg")


def test_the_same_seed_gives_the_same_manifest_whatever_the_order_of_labels(kaggle, tmp_path):
    organize(kaggle, tmp_path / "first")
    header, *lines = (kaggle / "labels.csv").read_text().splitlines()
    random.Random(0).shuffle(lines)
    (kaggle / "labels.csv").write_text("\n".join([header, *lines]) + "\n")
    organize(kaggle, tmp_path / "second")
    assert (tmp_path / "first/manifest.csv").read_bytes() == (tmp_path / "second/manifest.csv").read_bytes()


def test_photos_that_cannot_be_used_are_counted_named_and_left_out(kaggle, tmp_path, capsys):
    photos = kaggle / "train"
    with (kaggle / "labels.csv").open("a") as labels:
        labels.write("nophoto,round_hound\n00000001,square_spaniel\n")
    shutil.copy(photos / "00000000.jpg", photos / "nolabel.jpg")
    whole = (photos / "01000002.jpg").read_bytes()
    (photos / "01000002.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "01000003.jpg").write_text("<html>not found</html>")
    call_command("organize", str(kaggle), str(tmp_path / "out"))
    said = capsys.readouterr().err
    assert "labels without a photo: 1 (nophoto)" in said
    assert "photos without a label: 1 (nolabel)" in said
    assert "ids that appear more than once: 1 (00000001)" in said
    assert "unreadable photos: 2 (01000002, 01000003)" in said
    used = {row["id"] for row in manifest_of(tmp_path / "out")}
    assert len(used) == 17
    assert not used & {"nophoto", "nolabel", "00000001", "01000002", "01000003"}


def test_a_folder_that_exists_is_never_mixed_into(kaggle, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        call_command("organize", str(kaggle), str(tmp_path / "out"))
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_folder_of_another_layout_is_refused_with_what_was_expected(tmp_path):
    with pytest.raises(CommandError, match=r"Expected labels.csv and a folder train/"):
        call_command("organize", str(tmp_path), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("breed", ["../escape", "a/b", ".hidden", ""])
def test_a_label_cannot_write_outside_the_folder(kaggle, tmp_path, breed):
    with (kaggle / "labels.csv").open("a") as labels:
        labels.write(f"0000ffff,{breed}\n")
    with pytest.raises(CommandError, match="cannot name a file"):
        call_command("organize", str(kaggle), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_photos_are_hard_links_where_the_file_system_allows(kaggle, tmp_path):
    organize(kaggle, tmp_path / "out")
    row = manifest_of(tmp_path / "out")[0]
    assert (tmp_path / "out" / row["path"]).samefile(kaggle / "train" / f"{row['id']}.jpg")
