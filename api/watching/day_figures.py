"""What is counted of the answers of a day. The counts say nothing about a single visitor or photo."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from api.models import Feedback
from dogbreed.answers.breeds import known_breed
from dogbreed.answers.naming import GROUP_NOUNS, KIND_NAMES

NO_VERDICT = "none"  # the bundle gives no verdicts, or the stored one cannot be read
# Lower edges of bins; the first bin has no lower edge.
PROBABILITIES = [index / 10 for index in range(1, 10)]
MARGINS = sorted([0.0, *(sign * 2.0**power for sign in (-1, 1) for power in range(-4, 5))])  # score - threshold
SIDES = [round(2 ** (half / 2)) for half in range(12, 27)]  # pixels of the shorter side, 64 to 8192

# Counted thing -> bin -> how many answers. JSON-compatible.
Figures = dict[str, Counter[str]]
THINGS = ("kind", "judged", "right", "unfamiliar", "breed", "probability", "dog", "familiarity", "side")


class Answer(NamedTuple):
    """What is read of a stored answer. `said` and `right` are the visitor's feedback; None without one."""

    breed: str
    probability: float
    verdict: Any
    width: int
    height: int
    said: str | None
    right: bool | None


def no_figures() -> Figures:
    return {thing: Counter() for thing in THINGS}


def count_answer(answer: Answer, figures: Figures) -> None:
    """Adds an answer to the figures. Values that no server of ours stores (NaN, other types) are left out."""
    verdict = answer.verdict if isinstance(answer.verdict, dict) else {}
    kind = kind_of(verdict)
    figures["kind"][kind] += 1
    figures["breed"][answer.breed] += 1
    _count_bin(figures["probability"], answer.probability, PROBABILITIES)
    _count_bin(figures["side"], min(answer.width, answer.height), SIDES)
    _count_bin(figures["dog"], _margin(verdict.get("dog_score")), MARGINS)
    _count_bin(figures["familiarity"], _margin(verdict.get("familiarity_score")), MARGINS)
    if is_unfamiliar_dog(verdict):
        figures["unfamiliar"]["dogs"] += 1
    if answer.said is not None:
        figures["judged"][kind] += 1
        figures["right"][kind] += agrees(verdict, bool(answer.right), answer.said)


def kind_of(verdict: Mapping[str, Any]) -> str:
    kind = verdict.get("kind") or verdict.get("level")  # answers of the first version have the level alone
    return kind if isinstance(kind, str) and kind in KIND_NAMES else NO_VERDICT


def is_unfamiliar_dog(verdict: Mapping[str, Any]) -> bool:
    """Whether the photo seems to show a dog of a breed that the model does not know."""
    return kind_of(verdict) != "not_a_dog" and verdict.get("familiar") is False


def agrees(verdict: Mapping[str, Any], right: bool, said: str) -> bool:
    """Whether a visitor agreed with what the verdict says.

    That is more than the first breed: one of the named breeds is right, the group is, or there is no dog.
    """
    if right:
        return True
    kind = kind_of(verdict)
    if kind == "not_a_dog":
        return said == Feedback.NO_DOG
    if kind == "group":
        known = known_breed(said)
        return known is not None and known.group in GROUP_NOUNS and known.group == verdict.get("group")
    named = verdict.get("breeds") if kind == "one_of" else []
    return isinstance(named, list) and any(isinstance(row, dict) and row.get("breed") == said for row in named)


def add(figures: Figures, more: Mapping[str, Mapping[str, int]]) -> None:
    """Adds what was stored, perhaps by a version that counted other things."""
    for thing in THINGS:
        figures[thing].update(more.get(thing, {}))


def _margin(reading: Any) -> float:
    """How far a score is above its threshold; NaN where either is missing."""
    if not isinstance(reading, dict):
        return math.nan
    try:
        return float(reading["score"]) - float(reading["threshold"])
    except (KeyError, TypeError, ValueError, OverflowError):  # missing, null, a text, an endless number
        return math.nan


def _count_bin(bins: Counter[str], value: float, edges: list[float] | list[int]) -> None:
    if math.isnan(value):
        return
    above = bisect_right(edges, value)
    bins[f"{edges[above - 1]:g}" if above else "below"] += 1
