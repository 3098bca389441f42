"""The photo coach's decisions. What they are worth on real photos is measured by `manage.py evaluate --coach`."""

from typing import Any

import pytest

from dogbreed.answers.coach import Advice, advice_on
from dogbreed.answers.explanation import Box
from dogbreed.answers.verdict import Verdict

GOOD = {"brightness": 0.8, "sharpness": 1.6}


def verdict(kind: Any, *breeds: int, probability: float = 0.9) -> Verdict:
    return Verdict(kind, "", list(breeds), True, None, None, probability)


NOTHING, UNCERTAIN = verdict("not_a_dog"), verdict("uncertain", 1, 2)


class Windows:
    """What the network says of parts of a photo: `named` in boxes that hold a point, otherwise nothing."""

    def __init__(self, *named: tuple[float, float, float, Verdict]) -> None:
        self.named, self.asked = named, 0

    def __call__(self, box: Box) -> Verdict:
        self.asked += 1
        for x, y, largest, said in self.named:
            if box[0] <= x <= box[2] and box[1] <= y <= box[3] and box[2] - box[0] <= largest:
                return said
        return NOTHING


@pytest.mark.parametrize("kind", ["breed", "probably"])
def test_a_certain_answer_gets_no_advice_and_no_further_look(kind):
    look = Windows()
    assert advice_on(verdict(kind, 3), 0.05, 0.1, look) is None
    assert advice_on(None, 0.05, 0.1, look) is None
    assert look.asked == 0


def test_a_dark_or_blurred_photo_needs_no_further_look():
    look = Windows()
    assert advice_on(UNCERTAIN, 0.1, 1.6, look) == Advice("brighter")
    assert advice_on(UNCERTAIN, 0.8, 0.3, look) == Advice("steady")
    assert look.asked == 0


def test_a_dog_that_is_small_in_the_photo_is_framed():
    advice = advice_on(NOTHING, look=Windows((0.9, 0.9, 0.6, verdict("breed", 3))), **GOOD)
    assert advice == Advice("closer", (0.5, 0.5, 1.0, 1.0))


def test_a_dog_that_is_very_small_is_looked_for_again():
    look = Windows((0.05, 0.05, 0.4, verdict("probably", 3)))
    advice = advice_on(NOTHING, look=look, **GOOD)
    assert advice is not None
    assert advice.code == "closer"
    assert advice.frame is not None
    assert advice.frame[2] - advice.frame[0] < 0.4
    assert look.asked == 29


def test_two_dogs_of_different_breeds_are_told():
    left, right = verdict("breed", 3), verdict("probably", 5)
    advice = advice_on(UNCERTAIN, look=Windows((0.1, 0.5, 0.6, left), (0.9, 0.5, 0.6, right)), **GOOD)
    assert advice is not None
    assert advice.code == "one_dog"
    assert advice.frame is not None
    assert advice.frame[2] <= 0.5 + 1e-9  # the dog that is surer


def test_one_dog_that_two_windows_show_is_one_dog():
    dog = verdict("breed", 3)
    advice = advice_on(NOTHING, look=Windows((0.1, 0.5, 0.6, dog), (0.9, 0.5, 0.6, dog)), **GOOD)
    assert advice is not None
    assert advice.code == "closer"


def test_an_uncertain_dog_that_is_large_enough_gets_no_advice():
    assert advice_on(UNCERTAIN, look=Windows((0.5, 0.5, 1.0, verdict("breed", 3))), **GOOD) is None


def test_a_photo_without_any_dog_gets_no_advice():
    assert advice_on(NOTHING, look=Windows(), **GOOD) is None
