"""What a verdict names: one breed, a few, or a group of breeds, by thresholds that were calibrated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.breeds import known_breed
from dogbreed.answers.calibration import Kind, MeasuredKind, VerdictThresholds

# The share of verdicts that are right at least, by kind. For `one_of`: the right breed is among the named ones.
PROMISED: dict[Kind, float] = {"breed": 0.95, "probably": 0.8, "one_of": 0.95, "group": 0.95}
KIND_NAMES: dict[Kind, str] = {
    "breed": "a breed",
    "probably": "a probable breed",
    "one_of": "two or three breeds",
    "group": "a group",
    "uncertain": "not certain",
    "not_a_dog": "no dog",
}

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
class Naming:
    """What a verdict names: its kind, class indices, the sum of their probabilities, and a group's id."""

    kind: Kind
    breeds: list[int]
    probability: float | None = None
    group: str | None = None


@dataclass(frozen=True)
class Promise:
    """What is promised of a kind of verdict that a bundle gives.

    Attributes:
        least: the probability from which it is given.
        promised: the least share of such verdicts that are right.
        measured: how many were right on validation photos; None if the bundle does not say.
    """

    kind: Kind
    least: float
    promised: float
    measured: MeasuredKind | None

    @property
    def name(self) -> str:
        return KIND_NAMES[self.kind]


def promises(thresholds: VerdictThresholds | None) -> list[Promise]:
    """The promises of a bundle, in the order in which verdicts are tried."""
    if thresholds is None:
        return []
    least: dict[Kind, float | None] = {
        "breed": thresholds.breed,
        "probably": thresholds.probably,
        "one_of": thresholds.one_of,
        "group": thresholds.group,
    }
    return [
        Promise(kind, threshold, PROMISED[kind], thresholds.measured.get(kind))
        for kind, threshold in least.items()
        if threshold is not None and threshold <= 1
    ]


def group_members(label_names: list[str]) -> dict[str, list[int]]:
    """The class indices of each group that a verdict can name."""
    members: dict[str, list[int]] = {}
    for index, label in enumerate(label_names):
        breed = known_breed(label)
        if breed and breed.group in GROUP_NOUNS:
            members.setdefault(breed.group, []).append(index)
    return dict(sorted(members.items()))


def group_probabilities(probabilities: NDArray[np.floating], members: dict[str, list[int]]) -> NDArray[np.float64]:
    """`[n, classes]` -> `[n, groups]`."""
    if not members:
        return np.zeros((len(probabilities), 0))
    return np.stack([probabilities[:, indices].sum(axis=1, dtype=np.float64) for indices in members.values()], axis=1)


def name_breeds(
    probabilities: NDArray[np.floating], known: float, thresholds: VerdictThresholds, label_names: list[str]
) -> Naming:
    """What can be named on a photo of a dog.

    Args:
        probabilities: `[classes]`.
        known: the probability that the dog is of one of these breeds. A single breed is named only if that is likely
            too. For a list or a group it is enough that the dog is familiar, which the caller decides.
    """
    order = ranked(probabilities)
    best = float(probabilities[order[0]])
    single = thresholds.taught.get(label_names[order[0]], thresholds)
    if best * known >= single.breed:
        return Naming("breed", order[:1], best)
    if single.probably is not None and best * known >= single.probably:
        return Naming("probably", order[:1], best)
    for size in list_sizes(len(order)):
        held = float(probabilities[order[:size]].sum())
        if thresholds.one_of is not None and held >= thresholds.one_of:
            return Naming("one_of", order[:size], held)
    members = group_members(label_names)
    masses = group_probabilities(probabilities[None], members)[0]
    if masses.size and masses.max() >= thresholds.group:
        group = list(members)[int(masses.argmax())]
        named = likely([index for index in order if index in set(members[group])], probabilities)
        return Naming("group", named, float(masses.max()), group)
    return Naming("uncertain", likely(order, probabilities))


def list_sizes(classes: int) -> list[int]:
    """How many breeds `one_of` may name: never all of them."""
    return [size for size in (2, 3) if size < classes]


def ranked(probabilities: NDArray[np.floating]) -> list[int]:
    return [int(index) for index in np.argsort(-probabilities, kind="stable")]


def likely(order: list[int], probabilities: NDArray[np.floating]) -> list[int]:
    return [index for index in order[:MOST_NAMED] if index == order[0] or probabilities[index] >= LEAST_NAMED]
