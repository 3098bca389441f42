import csv
import random
import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dogbreed.model.bundle import sha256
from tests.trainer.conftest import draw_dog, write_kaggle
from trainer.photos.inspection import PhotoFacts, fingerprint, inspect
from trainer.photos.near_duplicates import SAME_SCENE, near_pairs
from trainer.photos.organize import organize
from trainer.photos.splits import TRAIN, SplitError, keep_together, parse_split, split_breed, split_photos

KAGGLE = settings.BASE_DIR.parent / "shared" / "data" / "kaggle-dog-breed-identification"
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


@st.composite
def photos_and_groups(draw):
    """Photos of a few breeds, some of them in groups that may span breeds, and a split."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    photos = [(f"breed{number}", f"{number}-{index}") for number, size in enumerate(sizes) for index in range(size)]
    order = draw(st.permutations(range(len(photos))))
    groups, start = [], 0
    for size in draw(st.lists(st.integers(2, 6), max_size=8)):
        if start + size <= len(order):
            groups.append(order[start : start + size])
            start += size
    shares = draw(st.lists(st.integers(1, 100), min_size=2, max_size=4))
    names = [TRAIN, "test", "valid", "spare"][: len(shares)]
    return photos, groups, {name: share / sum(shares) for name, share in zip(names, shares, strict=True)}


@given(data=photos_and_groups(), seed=st.integers(0, 2**31))
def test_a_group_lies_on_one_side_and_every_photo_somewhere(data, seed):
    photos, groups, parts = data
    together = keep_together(split_photos(photos, parts, seed), [breed for breed, _ in photos], groups, list(parts))
    assert len(together) == len(photos)
    assert set(together) <= set(parts)
    for group in groups:
        assert len({together[position] for position in group}) == 1
    assert {breed for (breed, _), part in zip(photos, together, strict=True) if part == TRAIN} == {b for b, _ in photos}


@given(data=photos_and_groups(), seed=st.integers(0, 2**31))
def test_photos_in_no_group_stay_where_they_were_unless_a_part_lost_a_quarter_of_a_breed(data, seed):
    photos, groups, parts = data
    alone = split_photos(photos, parts, seed)
    together = keep_together(alone, [breed for breed, _ in photos], groups, list(parts))
    in_group = {position for group in groups for position in group}
    for position, (breed, _) in enumerate(photos):
        if alone[position] != together[position]:
            its = [p for p, (other, _) in enumerate(photos) if other == breed]
            lost = [p for p in its if p in in_group and alone[p] != TRAIN]
            assert position in in_group or len(lost) >= 1
    if not groups:
        assert together == alone


@given(ids=ids, fraction=fractions, seed=st.integers(0, 2**31))
def test_the_split_of_two_parts_is_the_one_that_it_always_was(ids, fraction, seed):
    parts = split_photos([("breed", photo_id) for photo_id in ids], {TRAIN: 1 - fraction, "test": fraction}, seed)
    assert (
        sorted(i for i, part in zip(ids, parts, strict=True) if part == "test")
        == split_breed(ids, fraction, seed, "test")[1]
    )


@given(data=photos_and_groups(), seed=st.integers(0, 2**31))
def test_shares_of_any_parts_are_kept_to_the_nearest_photo_in_breeds_that_are_large_enough(data, seed):
    photos, _, parts = data
    assigned = split_photos(photos, parts, seed)
    for breed in {breed for breed, _ in photos}:
        its = [part for (other, _), part in zip(photos, assigned, strict=True) if other == breed]
        for part, share in parts.items():
            if part != TRAIN and all(len(its) * other >= 1 for other in parts.values()):
                assert abs(its.count(part) - len(its) * share) <= 1


def test_a_breed_of_few_scenes_still_has_photos_to_test_on():
    photos = [("breed", f"{index:02d}") for index in range(24)]
    scenes = [list(range(start, start + 4)) for start in range(0, 24, 4)]
    together = keep_together(
        split_photos(photos, {TRAIN: 0.75, "test": 0.25}, 0), ["breed"] * 24, scenes, [TRAIN, "test"]
    )
    assert together.count("test") == 4


@pytest.mark.parametrize(
    "text", ["75", "0/100", "75/25/0", "a/b", "test=20,train=80", "train=50,train=50", "../x=1,a=1"]
)
def test_a_split_that_makes_no_sense_is_refused(text):
    with pytest.raises(SplitError, match=r"is not a split\. Examples: 75/25"):
        parse_split(text)


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


@given(bits=st.lists(st.binary(min_size=32, max_size=32) | st.none(), max_size=12), limit=st.integers(0, 256))
def test_every_pair_within_the_distance_is_found_and_no_other(bits, limit):
    def distance(a, b):
        return sum((x ^ y).bit_count() for x, y in zip(a, b, strict=True))

    expected = {
        (i, j)
        for j in range(len(bits))
        for i in range(j)
        if bits[i] is not None and bits[j] is not None and distance(bits[i], bits[j]) <= limit
    }
    assert {(pair.first, pair.second) for pair in near_pairs(bits, limit)} == expected


def test_photos_without_contrast_are_near_duplicates_of_nothing(tmp_path):
    facts = []
    for shade in (250, 253):
        Image.new("RGB", (200, 200), (shade, shade, shade)).save(tmp_path / f"{shade}.png")
        facts.append(inspect(tmp_path / f"{shade}.png"))
    assert all(isinstance(its, PhotoFacts) and its.fingerprint is None for its in facts)


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
