"""Several photos of one dog. Their probabilities are made up; what real photos give is measured elsewhere."""

import numpy as np
import pytest

from dogbreed.answers.calibration import SameDog
from dogbreed.answers.combining import Combination, combine

FITTED = SameDog(least=0.0, independent=0.7, same=0.98, apart=0.8, kept=0.97, pairs=500)
CLASSES = 40


def photo(seed: int, breed: int, sureness: float = 3.0) -> np.ndarray:
    """Probabilities for a photo of a dog of `breed`: what else it resembles depends on the seed."""
    logits = np.random.default_rng(seed).normal(size=CLASSES)
    logits[breed] = sureness
    probabilities: np.ndarray = np.exp(logits) / np.exp(logits).sum()
    return probabilities


def combined(*photos: np.ndarray, same_dog: SameDog | None = FITTED, dogs: list[bool] | None = None) -> Combination:
    return combine(np.stack(photos), np.array(dogs or [True] * len(photos)), same_dog)


def test_independent_photos_make_the_answer_surer():
    photos = [photo(seed, breed=7) for seed in (1, 2, 3)]
    together = combined(*photos)
    assert together.probabilities.argmax() == 7
    assert together.probabilities[7] > 0.95 > max(one[7] for one in photos)
    assert [share.weight for share in together.shares] == pytest.approx([1, 1, 1])
    assert together.probabilities.sum() == pytest.approx(1)


def test_the_same_photo_twice_says_no_more_than_once():
    once = photo(1, breed=7)
    twice = combined(once, once, once)
    assert twice.probabilities == pytest.approx(once)
    assert [share.weight for share in twice.shares] == pytest.approx([1 / 3] * 3)
    assert [share.duplicate_of for share in twice.shares] == [None, 0, 0]


def test_a_burst_does_not_outvote_another_photo():
    burst = [photo(1, breed=7)] * 8
    other = photo(2, breed=9)
    assert combined(*burst, other).probabilities == pytest.approx(combined(burst[0], other).probabilities)


def test_a_photo_of_another_dog_is_pointed_out_and_not_counted():
    dog = [photo(seed, breed=7, sureness=8) for seed in (1, 2)]
    together = combined(dog[0], photo(3, breed=9, sureness=8), dog[1])
    assert [share.agrees for share in together.shares] == [True, False, True]
    assert together.shares[1].weight == 0
    assert together.probabilities == pytest.approx(combined(*dog).probabilities)


def test_of_two_dogs_the_surer_photo_is_kept():
    sure, unsure = photo(1, breed=7, sureness=9), photo(2, breed=9, sureness=7)
    assert [share.agrees for share in combined(unsure, sure).shares] == [False, True]


def test_a_photo_without_a_dog_is_not_counted_unless_there_is_no_other():
    dog, sofa = photo(1, breed=7), photo(2, breed=7)
    assert combined(dog, sofa, dogs=[True, False]).probabilities == pytest.approx(dog)
    assert combined(sofa, dogs=[False]).probabilities == pytest.approx(sofa)


def test_each_photo_says_what_the_others_say_without_it():
    first, second = photo(1, breed=7), photo(2, breed=7)
    shares = combined(first, second).shares
    assert shares[0].without == pytest.approx(second)
    assert shares[1].without == pytest.approx(first)
    assert combined(first).shares[0].without is None


def test_without_a_calibration_all_photos_count_as_one_and_none_is_accused():
    photos = [photo(1, breed=7, sureness=8), photo(2, breed=9, sureness=8)]
    together = combined(*photos, same_dog=None)
    assert [share.agrees for share in together.shares] == [True, True]
    assert sum(share.weight for share in together.shares) == pytest.approx(1)


def test_the_order_of_photos_does_not_matter():
    photos = [photo(seed, breed) for seed, breed in ((1, 7), (2, 7), (3, 9), (4, 7))]
    forwards, backwards = combined(*photos), combined(*photos[::-1])
    assert forwards.probabilities == pytest.approx(backwards.probabilities)
    assert [share.agrees for share in forwards.shares] == [share.agrees for share in backwards.shares][::-1]


def test_probabilities_of_zero_are_no_trouble():
    certain = np.zeros(CLASSES)
    certain[7] = 1
    assert combined(certain, certain).probabilities == pytest.approx(certain)
    assert np.isfinite(combined(certain, np.roll(certain, 1)).probabilities).all()
