"""Thresholds for shortlists, gates and verdicts, fitted on photos that the network was not trained on."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from dogbreed.answers.calibration import Gate, ScoreName, Shortlist, VerdictThresholds
from dogbreed.answers.shortlists import conformal_threshold, nonconformity
from dogbreed.answers.verdict import group_members, group_probabilities

COVERAGE = 0.95  # of shortlists
KEPT = 0.95  # the share of photos of the model's breeds that pass a gate
PRECISION = 0.95  # of the breeds and groups that verdicts name
CONFIDENCE = 0.9  # of the lower bound on that precision: one-sided (Clopper and Pearson 1934)
# Of RAPS: lists are as short on average as without it, and the longest has 11 breeds of 120 instead of 36.
PENALTY = 0.05
NEVER = 2.0  # no probability is this high

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


def fit_shortlist(probabilities: Floats, targets: NDArray[np.int64]) -> Shortlist | None:
    """The threshold of shortlists; None if there are too few photos for a promise."""
    scores = nonconformity(probabilities, PENALTY)[np.arange(len(targets)), targets]
    threshold = conformal_threshold(scores, COVERAGE)
    if math.isinf(threshold):
        return None
    return Shortlist(coverage=COVERAGE, penalty=PENALTY, threshold=threshold, photos=len(targets))


def fit_gate(score: ScoreName, scores: Floats) -> Gate | None:
    """The score that a new photo reaches with a probability of at least 95 % (conformal prediction).

    None if there are too few photos for a promise.
    """
    left_out = math.floor((1 - KEPT) * (len(scores) + 1))
    if left_out < 1:
        return None
    return Gate(score=score, threshold=float(np.sort(scores)[left_out - 1]), kept=KEPT, photos=len(scores))


def fit_verdict(
    probabilities: Floats, targets: NDArray[np.int64], passes: Bools, label_names: list[str]
) -> VerdictThresholds | None:
    """The least probability at which named breeds are right often enough, and the same for groups among the rest.

    Args:
        probabilities: `[photos, classes]`.
        passes: which photos pass the gates, `[photos]`. Nothing is named on the others.

    Returns:
        None if there are so few photos that even a network without errors could not reach the bound.
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
    """The least confidence at or above which answers are right in 95 %, by a lower confidence bound."""
    order = np.argsort(-confidence, kind="stable")
    hits, counts = np.cumsum(right[order]), np.arange(1, len(order) + 1)
    good = np.flatnonzero([precision_bound(int(k), int(n)) >= PRECISION for k, n in zip(hits, counts, strict=True)])
    return float(confidence[order[good[-1]]]) if len(good) else NEVER


def precision_bound(hits: int, n: int) -> float:
    """The lower bound of the true precision, with 90 % confidence, if `hits` of `n` are right."""
    return float(beta.ppf(1 - CONFIDENCE, hits, n - hits + 1)) if hits else 0.0
