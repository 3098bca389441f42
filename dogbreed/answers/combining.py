"""Several photos of one dog: how much each of them counts, and which seem to show another dog.

The probabilities of independent photos multiply. Photos of one dog are not independent: a photo and its own crop say
the same twice. How much two photos say the same is estimated from how similar the network's answers are, over all
classes: the correlation of their log probabilities. `trainer.calibration.same_dog` fits what a correlation means.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.calibration import SameDog

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEAR_DUPLICATE = 0.9  # of the dependence, from which one photo is called nearly the same as another


@dataclass(frozen=True, eq=False)
class Share:
    """What one photo adds to a combination.

    Attributes:
        weight: how much of an independent photo it counts, 0..1. 0 if it does not agree.
        agrees: False if it seems to show another dog, or none.
        duplicate_of: the number of an earlier photo that it nearly equals, or None.
        without: the probabilities `[classes]` from the other counted photos; None if there is no other.
    """

    weight: float
    agrees: bool
    duplicate_of: int | None
    without: Floats | None


@dataclass(frozen=True, eq=False)
class Combination:
    """What photos of one dog say together: probabilities, float `[classes]` with sum 1, and each photo's share."""

    probabilities: Floats
    shares: list[Share]

    @property
    def weights(self) -> Floats:
        return np.array([share.weight for share in self.shares])


def combine(probabilities: NDArray[np.floating], shows_dog: Bools, same_dog: SameDog | None) -> Combination:
    """Combines what was answered to photos of one dog.

    Args:
        probabilities: `[photos, classes]`, each row with sum 1. At least one photo.
        shows_dog: `[photos]`. A photo without a dog is not counted, unless no photo shows one.
        same_dog: the bundle's calibration. Without it all photos together count as one, and none is said to disagree.
    """
    logs = log_probabilities(probabilities)
    dependence = dependences(logs, same_dog)
    counted = shows_dog.copy() if shows_dog.any() else np.ones(len(logs), bool)
    while same_dog is not None and (odd := _odd_one(logs, dependence, counted, same_dog)) is not None:
        counted[odd] = False
    weights = _weights(dependence, counted)
    columns = (weights.tolist(), counted.tolist(), _duplicates(dependence, counted))
    without = _without_each(logs, counted, dependence)
    return Combination(together(logs, weights), [Share(*row) for row in zip(*columns, without, strict=True)])


def dependences(logs: Floats, same_dog: SameDog | None) -> Floats:
    """How much two photos say the same, in 0..1, from log probabilities `[photos, classes]`: `[photos, photos]`."""
    if same_dog is None:
        return np.ones((len(logs), len(logs)))
    dependence: Floats = dependence_of(correlation(logs[:, None], logs[None, :]), same_dog)
    np.fill_diagonal(dependence, 1.0)
    return dependence


def correlation(first: Floats, second: Floats) -> Floats:
    """The correlation over the classes, in -1..1, of log probabilities `[..., classes]`."""
    one, other = (logs - logs.mean(axis=-1, keepdims=True) for logs in (first, second))
    lengths = np.sqrt((one**2).sum(axis=-1) * (other**2).sum(axis=-1))
    return np.asarray((one * other).sum(axis=-1) / np.maximum(lengths, 1e-12))


def dependence_of(correlated: Floats, same_dog: SameDog) -> Floats:
    """The dependence in 0..1 that a correlation stands for: it rises from `least` to 1."""
    low, high = same_dog.independent, same_dog.same
    share = np.clip((correlated - low) / (high - low), 0.0, 1.0)
    return np.asarray(same_dog.least + (1 - same_dog.least) * share)


def together(logs: Floats, weights: Floats) -> Floats:
    """Log probabilities `[..., photos, classes]`, weights `[..., photos]` -> probabilities `[..., classes]`."""
    sums = (logs * weights[..., None]).sum(axis=-2)
    sums -= sums.max(axis=-1, keepdims=True)
    exponentials = np.exp(sums)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def divergence(first: Floats, second: Floats) -> Floats:
    """Jensen-Shannon divergence in bits, 0..1, of probabilities `[..., classes]`."""
    middle = (first + second) / 2

    def relative_entropy(one: Floats) -> Floats:
        return np.asarray((one * np.log2(np.maximum(one, 1e-12) / np.maximum(middle, 1e-12))).sum(axis=-1))

    return (relative_entropy(first) + relative_entropy(second)) / 2


def log_probabilities(probabilities: NDArray[np.floating]) -> Floats:
    """Finite for probabilities of 0 too."""
    return np.log(np.maximum(probabilities.astype(np.float64), 1e-12))


def _weights(dependence: Floats, counted: Bools) -> Floats:
    """Photos that say the same share the weight of one: each is divided by how many say what it says."""
    sharing = (dependence * counted[None, :]).sum(axis=1)
    return np.where(counted, 1 / np.maximum(sharing, 1.0), 0.0)


def _without_each(logs: Floats, counted: Bools, dependence: Floats) -> list[Floats | None]:
    """For each photo the probabilities from the other counted ones; None if there is no other."""
    found: list[Floats | None] = []
    for photo in range(len(logs)):
        others = counted & (np.arange(len(logs)) != photo)
        found.append(together(logs, _weights(dependence, others)) if others.any() else None)
    return found


def _odd_one(logs: Floats, dependence: Floats, counted: Bools, same_dog: SameDog) -> int | None:
    """The counted photo that differs most from what the others say together, if it differs too much."""
    differences = np.zeros(len(logs))
    for photo, others in enumerate(_without_each(logs, counted, dependence)):
        if counted[photo] and others is not None:
            differences[photo] = divergence(np.exp(logs[photo]), others)
    if differences.max() < _apart(int(counted.sum()), same_dog):
        return None
    # Of two photos that differ equally, the one with the less certain answer is the odd one.
    highest = np.flatnonzero(np.isclose(differences, differences.max()))
    return int(min(highest, key=lambda photo: logs[photo].max()))


def _apart(photos: int, same_dog: SameDog) -> float:
    """The divergence from which one of so many photos seems to show another dog.

    It was fitted on pairs. The more photos, the more chances there are for a false alarm, as in Bonferroni's
    correction. The largest divergence is 1 bit.
    """
    return 1 - (1 - same_dog.apart) * 2 / max(photos, 2)


def _duplicates(dependence: Floats, counted: Bools) -> list[int | None]:
    return [
        next(
            (earlier for earlier in range(photo) if counted[earlier] and dependence[photo, earlier] > NEAR_DUPLICATE),
            None,
        )
        if counted[photo]
        else None
        for photo in range(len(dependence))
    ]
