"""What is made of a visitor's word, without a database."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from cleanlab.rank import get_normalized_margin_for_each_label, get_self_confidence_for_each_label

from api.reviews.appraisal import Suggestion, facts_of, label_quality, suggest, worth

SURE: dict[str, Any] = {"kind": "breed", "familiar": True}
UNSURE: dict[str, Any] = {"kind": "uncertain", "familiar": False}
PUG = {"pug": 0.95, "boxer": 0.0495, "beagle": 0.0005}
UNCLEAR = {"pug": 0.5, "boxer": 0.4, "beagle": 0.1}


def pile(probabilities: dict[str, float], verdict: Any, said: str, *more: str, flooded: bool = False) -> Suggestion:
    votes = Counter(label for label in (said, *more) if label)
    return suggest(facts_of(probabilities, verdict, "pug", said), votes, flooded)


def test_label_quality_is_what_cleanlab_computes():
    rows = np.random.default_rng(0).dirichlet(np.ones(5), 20)
    given = np.arange(20) % 5
    ours = np.array([label_quality(row, int(label)) for row, label in zip(rows, given, strict=True)])
    assert ours[:, 0] == pytest.approx(get_self_confidence_for_each_label(given, rows))
    assert ours[:, 1] == pytest.approx(get_normalized_margin_for_each_label(given, rows))


@pytest.mark.parametrize(
    ("probabilities", "verdict", "said", "expected"),
    [
        (PUG, SURE, "pug", "right"),
        (UNCLEAR, UNSURE, "pug", "look"),
        (UNCLEAR, UNSURE, "boxer", "right"),
        (PUG, SURE, "boxer", "look"),
        (PUG, SURE, "beagle", "wrong"),
        (PUG, UNSURE, "beagle", "look"),  # a dog that the model has not seen may be anything
        (PUG, SURE, "other", "look"),
        (PUG, SURE, "no_dog", "wrong"),
        (PUG, {"kind": "not_a_dog", "familiar": False}, "no_dog", "right"),
        (PUG, SURE, "", "look"),
        (PUG, None, "pug", "right"),  # an answer of an early model, without a verdict
    ],
)
def test_the_three_piles(probabilities, verdict, said, expected):
    assert pile(probabilities, verdict, said) == expected


def test_people_who_contradict_each_other_need_a_person():
    assert pile(PUG, SURE, "pug", "beagle") == "look"


def test_no_number_of_votes_makes_a_correction_right():
    assert pile(PUG, SURE, "beagle", *["beagle"] * 50) == "wrong"


def test_a_breed_that_very_many_corrections_say_is_not_accepted_unseen():
    assert pile(UNCLEAR, UNSURE, "boxer", flooded=True) == "look"


def test_a_correction_is_worth_more_than_a_confirmation_and_that_more_than_silence():
    corrected, confirmed, silent = (
        worth(facts_of(UNCLEAR, UNSURE, "pug", said), Counter([said] if said else [])) for said in ("boxer", "pug", "")
    )
    assert corrected > confirmed > silent


def test_an_unfamiliar_dog_is_worth_more_than_a_familiar_one():
    votes = Counter(["boxer"])
    assert worth(facts_of(PUG, UNSURE, "pug", "boxer"), votes) > worth(facts_of(PUG, SURE, "pug", "boxer"), votes)
