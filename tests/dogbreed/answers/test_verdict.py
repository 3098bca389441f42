from typing import Any

import numpy as np
import pytest

from dogbreed.answers.calibration import Calibration, Gate, MeasuredKind, TaughtThresholds, VerdictThresholds
from dogbreed.answers.outputs import DOG, FAMILIARITY, KNOWN_BREED, OUTPUT
from dogbreed.answers.verdict import Verdict, judge

LABELS = ["beagle", "norfolk_terrier", "norwich_terrier", "samoyed"]
CALIBRATION = Calibration(
    verdict=VerdictThresholds(precision=0.95, breed=0.8, group=0.9, photos=100),
    dog=Gate(score="imagenet", threshold=1.0, kept=0.95, photos=100),
    familiar=Gate(score="cosine", threshold=0.3, kept=0.95, photos=100),
)


def verdict_on(*probabilities: float, dog: float = 5.0, familiarity: float = 0.9, **changes: Any) -> Verdict:
    outputs = {
        OUTPUT: np.log(np.array([probabilities], np.float32)),
        DOG: np.array([dog], np.float32),
        FAMILIARITY: np.array([familiarity], np.float32),
    }
    verdict = judge(np.array(probabilities), outputs, CALIBRATION.model_copy(update=changes), LABELS)
    assert verdict is not None
    return verdict


LADDER = VerdictThresholds(
    precision=0.95,
    breed=0.8,
    probably=0.6,
    one_of=0.85,
    group=0.9,
    photos=400,
    measured={"probably": MeasuredKind(right=88, photos=100)},
)


def test_a_less_sure_answer_says_how_often_such_answers_are_right():
    verdict = verdict_on(0.1, 0.15, 0.05, 0.7, verdict=LADDER)
    assert (verdict.kind, verdict.level, verdict.breeds, verdict.probability) == ("probably", "uncertain", [3], 0.7)
    assert (verdict.promised, verdict.measured) == (0.8, MeasuredKind(right=88, photos=100))
    assert verdict.text == "Probably a Samoyed, by its looks."


def test_a_taught_breed_is_named_by_its_own_thresholds():
    own = {"samoyed": TaughtThresholds(photos=10, breed=2.0, probably=0.9)}
    taught = LADDER.model_copy(update={"taught": own})
    verdict = verdict_on(0.02, 0.02, 0.01, 0.95, verdict=taught)
    assert (verdict.kind, verdict.measured, verdict.taught) == ("probably", None, {3: 10})
    assert verdict_on(0.05, 0.05, 0.05, 0.85, verdict=taught).kind == "one_of"
    assert verdict_on(0.95, 0.02, 0.01, 0.02, verdict=taught).taught == {}


def test_two_or_three_breeds_are_named_where_one_cannot_be():
    two = verdict_on(0.02, 0.51, 0.03, 0.44, verdict=LADDER)
    assert (two.kind, two.level, two.breeds) == ("one_of", "uncertain", [1, 3])
    assert two.probability == pytest.approx(0.95)
    assert two.text == "Resembles a Norfolk Terrier or a Samoyed."
    three = verdict_on(0.3, 0.31, 0.09, 0.3, verdict=LADDER)
    assert (three.kind, three.breeds) == ("one_of", [1, 0, 3])


def test_a_group_is_named_only_where_no_short_list_can_be():
    labels = ["norfolk_terrier", "norwich_terrier", "border_terrier", "cairn", "samoyed"]
    p = np.array([0.26, 0.24, 0.23, 0.22, 0.05])
    verdict = judge(p, {OUTPUT: np.log(p[None])}, CALIBRATION.model_copy(update={"verdict": LADDER}), labels)
    assert verdict is not None
    assert (verdict.kind, verdict.level, verdict.group) == ("group", "group", "terrier")


@pytest.mark.parametrize(("logit", "kind"), [(5.0, "breed"), (1.0, "probably"), (-3.0, "uncertain")])
def test_the_less_likely_the_breed_is_known_the_less_is_promised(logit, kind):
    p = np.array([0.02, 0.03, 0.01, 0.94])
    outputs = {OUTPUT: np.log(p[None]), KNOWN_BREED: np.array([logit], np.float32)}
    familiar = Gate(score="known_breed", threshold=-1.0, kept=0.95, photos=100)
    verdict = judge(p, outputs, Calibration(verdict=LADDER, familiar=familiar), LABELS)
    assert verdict is not None
    assert (verdict.kind, verdict.familiar) == (kind, kind != "uncertain")


def test_a_sure_answer_names_a_breed():
    verdict = verdict_on(0.02, 0.03, 0.05, 0.9)
    assert (verdict.level, verdict.breeds, verdict.probability) == ("breed", [3], 0.9)
    assert verdict.text == "Resembles a Samoyed."


def test_two_breeds_of_a_group_name_the_group():
    verdict = verdict_on(0.02, 0.51, 0.44, 0.03)
    assert (verdict.level, verdict.group, verdict.breeds) == ("group", "terrier", [1, 2])
    assert verdict.probability == pytest.approx(0.95)
    assert verdict.text == "Resembles a terrier, most of all a Norfolk Terrier or a Norwich Terrier."


def test_breeds_of_different_groups_stay_uncertain():
    verdict = verdict_on(0.5, 0.03, 0.02, 0.45)
    assert (verdict.level, verdict.breeds, verdict.probability) == ("uncertain", [0, 3], None)
    assert verdict.text == "Not certain: it resembles a Beagle or a Samoyed most."


def test_what_is_no_dog_gets_no_breed_however_sure_the_network_is():
    verdict = verdict_on(0.0001, 0.0001, 0.0001, 0.9997, dog=0.5)
    assert (verdict.level, verdict.breeds) == ("not_a_dog", [])
    assert verdict.text == "No dog was recognised in this photo."
    assert verdict.dog is not None
    assert (verdict.dog.score, verdict.dog.threshold) == (0.5, 1.0)


def test_a_dog_unlike_all_that_it_knows_is_not_named():
    verdict = verdict_on(0.02, 0.03, 0.05, 0.9, familiarity=0.1)
    assert (verdict.level, verdict.familiar, verdict.breeds) == ("uncertain", False, [3, 2])
    assert "does not know" in verdict.text


def test_a_network_without_a_score_is_not_asked_for_it():
    outputs = {OUTPUT: np.log(np.array([[0.02, 0.03, 0.05, 0.9]], np.float32))}
    verdict = judge(np.array([0.02, 0.03, 0.05, 0.9]), outputs, CALIBRATION, LABELS)
    assert verdict is not None
    assert (verdict.level, verdict.dog, verdict.familiarity) == ("breed", None, None)


def test_breeds_outside_the_catalogue_have_no_group():
    outputs = {OUTPUT: np.zeros((1, 2), np.float32)}
    verdict = judge(np.array([0.5, 0.5]), outputs, CALIBRATION, ["my_own_breed", "my_other_breed"])
    assert verdict is not None
    assert verdict.level == "uncertain"


def test_no_text_speaks_of_ancestry():
    for verdict in (
        verdict_on(0.02, 0.03, 0.05, 0.9),
        verdict_on(0.02, 0.51, 0.44, 0.03),
        verdict_on(0.5, 0.01, 0.01, 0.48),
    ):
        assert not {"mix", "is a", "is an", "pedigree"} & {verdict.text, *verdict.text.lower().split(" ")}
        assert "resembles" in verdict.text.lower()
