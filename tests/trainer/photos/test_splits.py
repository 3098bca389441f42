import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.photos.splits import TRAIN, SplitError, keep_together, parse_split, split_breed, split_photos

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
