"""How much a visitor's word about a photo can be trusted, and how much a person's review of it is worth.

Label quality is that of cleanlab (`cleanlab.rank`; Northcutt, Jiang, Chuang 2021, https://arxiv.org/abs/1911.00068),
from the probabilities that the model answered. cleanlab itself is no dependency of a server.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from api.models import Feedback

# Chosen on half of the Kaggle-style test photos. README.md has what they do on the other half and elsewhere.
SEEMS_RIGHT = 0.1  # self-confidence from which what a visitor says instead of the model's answer seems right
SEEMS_WRONG = 0.002  # and below which it seems wrong
# Kinds of verdicts, in the order of how little the model is sure; what it did not recognize is the most worth a look.
NOVELTY = {"breed": 0.0, "probably": 0.2, "one_of": 0.4, "group": 0.6, "uncertain": 0.8, "not_a_dog": 0.8}
SURE = {"breed", "probably"}
DISAGREEMENT, DOUBT, NEWNESS, AGREEMENT = 0.4, 0.3, 0.2, 0.1  # how much each counts; together 1
UNSAID = 0.5  # what a photo of which nobody said anything counts, compared with others


class Suggestion(StrEnum):
    """Into which of three piles a waiting photo is sorted."""

    LOOK, RIGHT, WRONG = "look", "right", "wrong"


@dataclass(frozen=True)
class Facts:
    """What a stored answer says about what a visitor said.

    `self_confidence` is the model's probability of the visitor's breed, in 0..1; `margin` is the normalized margin, in
    0..1: 0.5 where the visitor's breed and the best other one are equally probable. Both are None without such a breed.
    """

    answered: str
    probability: float  # of the answered breed
    kind: str  # of the verdict
    familiar: bool
    said: str  # a label, `other`, `no_dog`, or "" where nobody said anything
    self_confidence: float | None = None
    margin: float | None = None

    @property
    def disagrees(self) -> bool:
        return bool(self.said) and self.said != self.answered

    @property
    def sure(self) -> bool:
        """Whether the model named one breed, and has seen such dogs."""
        return self.kind in SURE and self.familiar


def facts_of(probabilities: Mapping[str, float], verdict: Mapping[str, Any] | None, answered: str, said: str) -> Facts:
    """Of the stored columns of an answer. Without a verdict, half of the probability stands for a probable breed."""
    probability = probabilities.get(answered, 0.0)
    kind = (verdict.get("kind") or verdict["level"]) if verdict else "probably" if probability >= 0.5 else "uncertain"
    familiar = bool(verdict.get("familiar", True)) if verdict else True
    facts = Facts(answered, probability, kind, familiar, said)
    if said not in probabilities:
        return facts
    labels = list(probabilities)
    values = np.fromiter(probabilities.values(), float, len(labels))
    given = labels.index(said)
    return Facts(answered, probability, kind, familiar, said, *label_quality(values, given))


def label_quality(probabilities: np.ndarray[Any, Any], given: int) -> tuple[float, float]:
    """Self-confidence and normalized margin of a label, both in 0..1; the lower, the more probably it is wrong.

    As `get_self_confidence_for_each_label` and `get_normalized_margin_for_each_label` in cleanlab 2.9.
    """
    self_confidence = float(probabilities[given])
    best_other = float(np.delete(probabilities, given).max(initial=0.0))
    return self_confidence, (self_confidence - best_other + 1) / 2


def suggest(facts: Facts, votes: Counter[str], flooded: bool) -> Suggestion:
    """The pile of a photo. `votes` is what the senders of the same file said; `flooded` is `is_flooded` of its breed.

    No number of votes makes a correction right: nobody knows whether they come from several people.
    """
    if not facts.said or len(votes) > 1 or facts.said == Feedback.OTHER:
        return Suggestion.LOOK
    if facts.said == Feedback.NO_DOG:
        return _suggest_no_dog(facts)
    if not facts.disagrees:
        return Suggestion.RIGHT if facts.sure else Suggestion.LOOK
    confidence = facts.self_confidence or 0.0
    if confidence < SEEMS_WRONG and facts.familiar:
        return Suggestion.WRONG
    return Suggestion.RIGHT if confidence >= SEEMS_RIGHT and not flooded else Suggestion.LOOK


def _suggest_no_dog(facts: Facts) -> Suggestion:
    if facts.kind == "not_a_dog":
        return Suggestion.RIGHT
    return Suggestion.WRONG if facts.sure else Suggestion.LOOK


def worth(facts: Facts, votes: Counter[str]) -> float:
    """What a review is worth, in 0..1: what the model may learn from it, and how open its result is."""
    newness = 1.0 if not facts.familiar else NOVELTY.get(facts.kind, 0.8)
    doubt = 0.5 if facts.margin is None else 1 - abs(2 * facts.margin - 1)
    if not facts.said:
        return UNSAID * (NEWNESS * newness + DOUBT * (1 - facts.probability))
    most = votes.most_common(1)[0][1]
    agreement = 0.0 if len(votes) > 1 else 1 - 1 / most
    disagreement = 1.0 if facts.disagrees or len(votes) > 1 else 0.0
    return DISAGREEMENT * disagreement + DOUBT * doubt + NEWNESS * newness + AGREEMENT * agreement
