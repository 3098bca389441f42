from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainer.photos.inspection import PhotoFacts, inspect
from trainer.photos.near_duplicates import near_pairs


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
