"""Verdicts: a breed, a group of breeds, not certain, or no dog, by thresholds that were calibrated."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.breeds import article, catalogue, display_name
from dogbreed.answers.calibration import Calibration, Gate
from dogbreed.answers.outputs import Outputs
from dogbreed.answers.scores import SCORES, can_compute

Level = Literal["breed", "group", "uncertain", "not_a_dog"]

# The groups whose dogs look alike, as in "it resembles a terrier". The catalogue's other groups do not describe looks.
GROUP_NOUNS = {
    "herding": "herding dog",
    "hound": "hound",
    "sporting": "gun dog",
    "terrier": "terrier",
    "toy": "toy dog",
    "wild": "wild dog",
    "working": "working dog",
}
MOST_NAMED = 3  # breeds in a verdict
LEAST_NAMED = 0.05  # least probability of a breed that is named after the most probable one


@dataclass(frozen=True)
class Reading:
    """A photo's score and the threshold that it has to reach."""

    score: float
    threshold: float

    @property
    def passes(self) -> bool:
        return self.score >= self.threshold


@dataclass(frozen=True)
class Verdict:
    """The verdict on a photo.

    Attributes:
        probability: of the named breed or group, at the levels breed and group.
        group: its id in the catalogue, at the level group.
        breeds: class indices of the named breeds, the most probable first; empty if there is no dog.
        familiar: False if the photo seems to show a dog of none of the model's breeds.
        dog, familiarity: the scores that this was decided by; None if the network does not give them.
    """

    level: Level
    text: str
    probability: float | None
    group: str | None
    breeds: list[int]
    familiar: bool
    dog: Reading | None
    familiarity: Reading | None


def group_members(label_names: list[str]) -> dict[str, list[int]]:
    """The class indices of each group that a verdict can name."""
    members: dict[str, list[int]] = {}
    for index, label in enumerate(label_names):
        breed = catalogue().get(label)
        if breed and breed.group in GROUP_NOUNS:
            members.setdefault(breed.group, []).append(index)
    return dict(sorted(members.items()))


def group_probabilities(probabilities: NDArray[np.floating], members: dict[str, list[int]]) -> NDArray[np.float64]:
    """`[n, classes]` -> `[n, groups]`."""
    if not members:
        return np.zeros((len(probabilities), 0))
    return np.stack([probabilities[:, indices].sum(axis=1, dtype=np.float64) for indices in members.values()], axis=1)


def judge(
    probabilities: NDArray[np.floating], outputs: Outputs, calibration: Calibration, label_names: list[str]
) -> Verdict | None:
    """The verdict on one photo, or None if the bundle has no thresholds for verdicts.

    Args:
        probabilities: `[classes]`.
        outputs: the engine's outputs for this photo alone.
    """
    thresholds = calibration.verdict
    if thresholds is None:
        return None
    dog, familiarity = _reading(calibration.dog, outputs), _reading(calibration.familiar, outputs)
    familiar = familiarity is None or familiarity.passes
    order = [int(index) for index in np.argsort(-probabilities, kind="stable")]

    def verdict(level: Level, text: str, named: list[int], **more: float | str) -> Verdict:
        fields: dict[str, object] = {"probability": None, "group": None, **more}
        return Verdict(level, text, breeds=named, familiar=familiar, dog=dog, familiarity=familiarity, **fields)  # type: ignore[arg-type]

    if dog and not dog.passes:
        return verdict("not_a_dog", "No dog was recognised in this photo.", [])
    names = [display_name(label) for label in label_names]
    best = order[0]
    likely = _likely(order, probabilities)
    if not familiar:
        return verdict("uncertain", _unfamiliar(names, likely), likely)
    if probabilities[best] >= thresholds.breed:
        text = f"Resembles {article(names[best])} {names[best]}."
        return verdict("breed", text, [best], probability=float(probabilities[best]))
    members = group_members(label_names)
    masses = group_probabilities(probabilities[None], members)[0]
    if masses.size and masses.max() >= thresholds.group:
        group = list(members)[int(masses.argmax())]
        named = _likely([index for index in order if index in set(members[group])], probabilities)
        return verdict("group", _grouped(group, names, named), named, probability=float(masses.max()), group=group)
    return verdict("uncertain", f"Not certain: it resembles {_or(names, likely)} most.", likely)


def _reading(gate: Gate | None, outputs: Outputs) -> Reading | None:
    if gate is None or not can_compute(gate.score, outputs):
        return None
    return Reading(float(SCORES[gate.score](outputs)[0]), gate.threshold)


def _likely(order: list[int], probabilities: NDArray[np.floating]) -> list[int]:
    return [index for index in order[:MOST_NAMED] if index == order[0] or probabilities[index] >= LEAST_NAMED]


def _grouped(group: str, names: list[str], named: list[int]) -> str:
    noun = GROUP_NOUNS[group]
    return f"Resembles {article(noun)} {noun}, most of all {_or(names, named)}."


def _unfamiliar(names: list[str], likely: list[int]) -> str:
    return f"Perhaps a breed that the model does not know; of those it knows, it resembles {_or(names, likely)} most."


def _or(names: list[str], indices: list[int]) -> str:
    words = [f"{article(names[index])} {names[index]}" for index in indices]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
