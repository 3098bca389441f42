import csv
import random
import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from PIL import Image

from dogbreed.model.file_digests import sha256
from tests.trainer.conftest import draw_dog, write_kaggle
from trainer.photos.inspection import fingerprint
from trainer.photos.near_duplicates import SAME_SCENE, near_pairs
from trainer.photos.organize import organize

KAGGLE = settings.BASE_DIR.parent / "shared" / "data" / "kaggle-dog-breed-identification"


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
    with pytest.raises(CommandError, match=r"labels.csv and a folder train/.*one folder per breed"):
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


def test_the_same_scene_is_never_on_both_sides_and_the_manifest_says_what_was_moved(kaggle, tmp_path):
    labels = (kaggle / "labels.csv").read_text()
    for index in range(12):
        with Image.open(kaggle / "train" / f"01{index:06x}.jpg") as photo:
            photo.resize((120, 100)).crop((2, 2, 118, 98)).save(kaggle / "train" / f"copy{index}.jpg", quality=60)
        labels += f"copy{index},square_spaniel\n"
    (kaggle / "labels.csv").write_text(labels)
    organized = organize(kaggle, tmp_path / "out")
    rows = {row["id"]: row for row in manifest_of(tmp_path / "out")}
    assert organized.groups == 12
    assert organized.crossing > 0
    for index in range(12):
        photo, copy = rows[f"01{index:06x}"], rows[f"copy{index}"]
        assert photo["split"] == copy["split"]
        assert photo["group"] == copy["group"] != ""
    assert sum(row["moved_from"] != "" for row in rows.values()) == organized.moved


def test_udacitys_layout_keeps_its_parts_and_gets_the_catalogues_names(tmp_path):
    source = tmp_path / "dogImages"
    for part, count in (("train", 4), ("valid", 2), ("test", 3)):
        for number, name in enumerate(("001.Affenpinscher", "005.Alaskan_malamute", "999.My Own Breed")):
            (source / part / name).mkdir(parents=True)
            for index in range(count):
                photo = draw_dog("round_hound", seed=100 * number + 10 * len(part) + index + count * 1000)
                photo.save(source / part / name / f"{name[4:]}_{index:05d}_{part}.jpg")
    organized = organize(source, tmp_path / "out", link="symbolic")
    assert organized.counts == {"train": 12, "test": 9, "valid": 6}
    rows = manifest_of(tmp_path / "out")
    assert {row["breed"] for row in rows} == {"affenpinscher", "malamute", "my_own_breed"}
    assert all(row["split"] in row["id"] for row in rows)
    assert all((tmp_path / "out" / row["path"]).is_symlink() for row in rows)


def test_folders_of_breeds_are_split_in_three_with_photos_of_any_format(tmp_path):
    for number, breed in enumerate(("Golden Retriever", "pug")):
        (tmp_path / "photos" / breed).mkdir(parents=True)
        for index in range(10):
            kind = ("jpg", "png", "webp")[index % 3]
            draw_dog("square_spaniel", number * 100 + index).save(tmp_path / "photos" / breed / f"{index}.{kind}")
    call_command("organize", str(tmp_path / "photos"), str(tmp_path / "out"), split="70/20/10", link="copy")
    rows = manifest_of(tmp_path / "out")
    for breed in ("golden_retriever", "pug"):
        its = [row["split"] for row in rows if row["breed"] == breed]
        assert (its.count("train"), its.count("valid"), its.count("test")) == (7, 2, 1)
    assert not any((tmp_path / "out" / row["path"]).samefile(tmp_path / "photos" / "pug" / "0.jpg") for row in rows)


@pytest.mark.skipif(not KAGGLE.is_dir(), reason="needs the photos in ../shared")
@pytest.mark.slow
def test_no_scene_of_real_photos_is_on_both_sides_and_the_test_part_has_only_lost_photos(tmp_path):
    breeds = ("mexican_hairless", "sealyham_terrier", "irish_water_spaniel", "collie", "border_collie")
    header, *lines = (KAGGLE / "labels.csv").read_text().splitlines()
    source = tmp_path / "kaggle"
    source.mkdir()
    (source / "train").symlink_to(KAGGLE / "train")
    chosen = [line for line in lines if line.endswith(tuple(f",{breed}" for breed in breeds))]
    (source / "labels.csv").write_text("\n".join([header, *chosen]) + "\n")
    organized = organize(source, tmp_path / "out", link="symbolic")
    rows = manifest_of(tmp_path / "out")
    assert len(rows) == len(chosen)
    prints = [fingerprint(Image.open(tmp_path / "out" / row["path"]).convert("RGB")) for row in rows]
    pairs = near_pairs(prints, SAME_SCENE)
    assert len(pairs) > 15
    assert [p for p in pairs if rows[p.first]["split"] != rows[p.second]["split"]] == []
    assert {(row["moved_from"], row["split"]) for row in rows} == {("", "train"), ("", "test"), ("test", "train")}
    assert organized.moved < 15
