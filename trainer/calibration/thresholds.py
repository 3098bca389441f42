"""Thresholds for what may be concluded from an answer, found on photos that the network did not learn from."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from dogbreed.answers.calibration import Gate, ScoreName, SetMethod, Shortlist, VerdictThresholds
from dogbreed.answers.shortlists import conformal_threshold, nonconformity
from dogbreed.answers.verdict import group_members, group_probabilities

COVERAGE = 0.95  # of shortlists
KEPT = 0.95  # of photos of the model's own breeds, by each gate
PRECISION = 0.95  # of what a verdict names
SURENESS = 0.9  # that a threshold's precision is not luck: one-sided bound (Clopper and Pearson 1934)
# Of RAPS: lists as short as without it, and the longest a third as long (11 breeds of 120 instead of 36).
PENALTY = 0.05
PENALTIES = (0.0, 0.01, 0.05, 0.2)  # to compare with
NEVER = 2.0  # no probability is as high

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


def fit_shortlist(probabilities: Floats, targets: NDArray[np.int64]) -> Shortlist | None:
    """None where there are too few photos to promise anything."""
    scores = nonconformity(probabilities, PENALTY)[np.arange(len(targets)), targets]
    threshold = conformal_threshold(scores, COVERAGE)
    if math.isinf(threshold):
        return None
    truth = probabilities[np.arange(len(targets)), targets]
    alternatives = [SetMethod(method="LAC", penalty=0, threshold=conformal_threshold(1 - truth, COVERAGE))]
    for penalty in PENALTIES:
        scores = nonconformity(probabilities, penalty)[np.arange(len(targets)), targets]
        method: Literal["APS", "RAPS"] = "RAPS" if penalty else "APS"
        found = conformal_threshold(scores, COVERAGE)
        alternatives.append(SetMethod(method=method, penalty=penalty, threshold=found))
    return Shortlist(
        coverage=COVERAGE, penalty=PENALTY, threshold=threshold, photos=len(targets), alternatives=alternatives
    )


def fit_gate(score: ScoreName, scores: Floats) -> Gate | None:
    """The score that a new photo reaches with a probability of 95 %, counted as conformal prediction counts."""
    left_out = math.floor((1 - KEPT) * (len(scores) + 1))
    if left_out < 1:
        return None
    return Gate(score=score, threshold=float(np.sort(scores)[left_out - 1]), kept=KEPT, photos=len(scores))


def fit_verdict(
    probabilities: Floats, targets: NDArray[np.int64], passes: Bools, label_names: list[str]
) -> VerdictThresholds | None:
    """The least probabilities from which on breeds, and among the rest groups, are right often enough.

    Args:
        probabilities: `[photos, classes]`.
        passes: which photos the gates let through, `[photos]`: the others are not named anyway.

    Returns:
        None where there are so few photos that even a faultless network could not show it.
    """
    if precision_bound(len(targets), len(targets)) < PRECISION:
        return None
    p, truth = probabilities[passes], targets[passes]
    best = p.max(axis=1)
    breed = least_threshold(best, p.argmax(axis=1) == truth)
    members = group_members(label_names)
    group = NEVER
    if members:
        group_of = {index: number for number, indices in enumerate(members.values()) for index in indices}
        rest = best < breed
        masses = group_probabilities(p[rest], members)
        groups = np.array([group_of.get(int(index), -1) for index in truth[rest]], dtype=np.int64)
        group = least_threshold(masses.max(axis=1), masses.argmax(axis=1) == groups)
    return VerdictThresholds(precision=PRECISION, breed=breed, group=group, photos=len(targets))


def least_threshold(confidence: Floats, right: Bools) -> float:
    """The least confidence such that photos at or above it are right in 95 %, by a bound that leaves room for luck."""
    order = np.argsort(-confidence, kind="stable")
    hits, counts = np.cumsum(right[order]), np.arange(1, len(order) + 1)
    good = np.flatnonzero([precision_bound(int(k), int(n)) >= PRECISION for k, n in zip(hits, counts, strict=True)])
    return float(confidence[order[good[-1]]]) if len(good) else NEVER


def precision_bound(hits: int, n: int) -> float:
    """What the true precision is at least, with 90 % sureness, where `hits` of `n` are right."""
    return float(beta.ppf(1 - SURENESS, hits, n - hits + 1)) if hits else 0.0
