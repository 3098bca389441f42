"""Thresholds for shortlists, gates and verdicts, fitted on photos that the network was not trained on."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from dogbreed.answers.calibration import Gate, Kind, MeasuredKind, ScoreName, Shortlist, VerdictThresholds
from dogbreed.answers.naming import PROMISED, group_members, group_probabilities, list_sizes
from dogbreed.answers.shortlists import conformal_threshold, nonconformity

COVERAGE = 0.95  # of shortlists
KEPT = 0.95  # the share of photos of the model's breeds that pass a gate
DOGS_KEPT = 0.97  # the same for the gate that tells dogs from everything else
CONFIDENCE = 0.9  # of the lower bound on the share of right verdicts: one-sided (Clopper and Pearson 1934)
# Of RAPS: lists are as short on average as without it, and the longest has 11 breeds of 120 instead of 36.
PENALTY = 0.05
NEVER = 2.0  # no probability is this high
# The lower bounds that verdicts reach on validation photos. Those of single breeds lie above the promises, because
# strangers' photos are harder and some of their dogs are of breeds that the network does not know.
AIMED: dict[Kind, float] = {**PROMISED, "breed": 0.96, "probably": 0.85}
FEWEST_IN_SET = 300  # photos of a set for which the breed promise is kept by itself

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SeenPhotos:
    """What a network says of photos, each of which is seen in every view. A row is a photo in a view.

    Attributes:
        probabilities: `[rows, classes]`.
        targets: true class indices `[rows]`.
        known: the probability that the dog is of one of the classes, `[rows]`.
        passes: which rows pass the gates, `[rows]`. Nothing is named on the others.
        view: the number of the view, `[rows]`.
        source: the number of the place that the photo is from, `[rows]`.
    """

    probabilities: Floats
    targets: Ints
    known: Floats
    passes: Bools
    view: Ints
    source: Ints

    @property
    def views(self) -> int:
        return len(np.unique(self.view))

    @property
    def photos(self) -> int:
        return len(self.targets) // self.views

    def sets(self) -> list[Bools]:
        """The rows of each view, and in each view those of every source that has many photos."""
        views = [self.view == number for number in np.unique(self.view)]
        sources = [self.source == number for number in np.unique(self.source)]
        large = [rows & source for rows in views for source in sources if (rows & source).sum() >= FEWEST_IN_SET]
        return views + large


def fit_shortlist(probabilities: Floats, targets: Ints, views: int = 1) -> Shortlist | None:
    """The threshold of shortlists; None if there are too few photos for a promise."""
    scores = nonconformity(probabilities, PENALTY)[np.arange(len(targets)), targets]
    threshold = conformal_threshold(scores, COVERAGE)
    if math.isinf(threshold):
        return None
    return Shortlist(coverage=COVERAGE, penalty=PENALTY, threshold=threshold, photos=len(targets) // views)


def fit_gate(score: ScoreName, scores: Floats, kept: float = KEPT, views: int = 1) -> Gate | None:
    """The score that a new photo reaches with a probability of at least `kept` (conformal prediction).

    None if there are too few photos for a promise.
    """
    left_out = math.floor((1 - kept) * (len(scores) + 1))
    if left_out < 1:
        return None
    return Gate(score=score, threshold=float(np.sort(scores)[left_out - 1]), kept=kept, photos=len(scores) // views)


def fit_verdict(seen: SeenPhotos, label_names: list[str]) -> VerdictThresholds | None:
    """The least probability at which each kind of verdict keeps its promise, in the order in which they are given.

    `breed` keeps it in each view and on the photos of each source, because the share of such photos among visitors'
    photos is unknown. The other kinds are given too seldom for that and keep it on all rows.

    Returns:
        None if there are so few photos that even a network without errors could not reach the bound.
    """
    if lower_bound(seen.photos, seen.photos) < PROMISED["breed"]:
        return None
    given = _Given(seen)
    breed, probably = _fit_breeds(seen, given)
    return VerdictThresholds(
        precision=PROMISED["breed"],
        breed=breed,
        probably=probably,
        one_of=_fit_lists(seen, given),
        group=_fit_groups(seen, given, group_members(label_names)),
        photos=seen.photos,
        measured=given.measured,
    )


class _Given:
    """The rows that have no verdict yet, and how many of the given ones are right."""

    def __init__(self, seen: SeenPhotos) -> None:
        self.views = seen.views
        self.rest = seen.passes.copy()
        self.measured: dict[Kind, MeasuredKind] = {}

    def give(self, kind: Kind, rows: Bools, right: Bools) -> None:
        rows = rows & self.rest
        photos = round(rows.sum() / self.views)
        if photos:
            self.measured[kind] = MeasuredKind(right=round((rows & right).sum() / self.views), photos=photos)
        self.rest &= ~rows


def _fit_breeds(seen: SeenPhotos, given: _Given) -> tuple[float, float]:
    """The thresholds of `breed` and `probably`."""
    best = seen.probabilities.max(axis=1) * seen.known
    right = seen.probabilities.argmax(axis=1) == seen.targets

    def least(promised: float, rows: Bools, views: int) -> float:
        rows = rows & given.rest
        return least_threshold(best[rows], right[rows], promised, views)

    breed = max(
        least(AIMED["breed"], given.rest, seen.views),
        *(least(PROMISED["breed"], rows, 1) for rows in seen.sets()),
    )
    given.give("breed", best >= breed, right)
    probably = least(AIMED["probably"], given.rest, seen.views)
    given.give("probably", best >= probably, right)
    return breed, probably


def _fit_lists(seen: SeenPhotos, given: _Given) -> float:
    """The threshold of `one_of`. The lower it is, the shorter the lists, so each candidate is tried."""
    sizes = list_sizes(seen.probabilities.shape[1])
    if not sizes:
        return NEVER
    order = np.argsort(-seen.probabilities, axis=1, kind="stable")[:, : max(sizes)]
    sums = np.take_along_axis(seen.probabilities, order, axis=1).cumsum(axis=1)
    place = (order == seen.targets[:, None]) @ np.arange(1, order.shape[1] + 1)  # from 1; 0: not among them

    def lists(threshold: float) -> tuple[Bools, Bools]:
        named, right = np.zeros(len(place), bool), np.zeros(len(place), bool)
        for size in sizes:
            mine = ~named & (sums[:, size - 1] >= threshold)
            named, right = named | mine, right | (mine & (place > 0) & (place <= size))
        return named, right

    fitted = NEVER
    for threshold in np.unique(np.round(sums[given.rest][:, 1:], 3))[::-1]:
        named, right = lists(threshold)
        rows = named & given.rest
        if lower_bound((right & rows).sum() / seen.views, rows.sum() / seen.views) >= AIMED["one_of"]:
            fitted = float(threshold)
    given.give("one_of", *lists(fitted))
    return fitted


def _fit_groups(seen: SeenPhotos, given: _Given, members: dict[str, list[int]]) -> float:
    if not members:
        return NEVER
    group_of = {index: number for number, indices in enumerate(members.values()) for index in indices}
    masses = group_probabilities(seen.probabilities, members)
    right = masses.argmax(axis=1) == np.array([group_of.get(int(index), -1) for index in seen.targets])
    confidence = masses.max(axis=1)
    fitted = least_threshold(confidence[given.rest], right[given.rest], AIMED["group"], seen.views)
    given.give("group", confidence >= fitted, right)
    return fitted


def least_threshold(confidence: Floats, right: Bools, promised: float, views: int = 1) -> float:
    """The least confidence at or above which the promised share of answers is right, by a lower confidence bound.

    Args:
        confidence, right: of each row.
        views: the number of rows of each photo.
    """
    order = np.argsort(-confidence, kind="stable")
    hits, counts = np.cumsum(right[order]) / views, np.arange(1, len(order) + 1) / views
    good = np.flatnonzero(lower_bound(hits, counts) >= promised)
    return float(confidence[order[good[-1]]]) if len(good) else NEVER


def lower_bound(right: Any, photos: Any) -> Floats:
    """The lower bound of the true share of right answers, with 90 % confidence; numbers or arrays of them."""
    bound: Floats = np.nan_to_num(beta.ppf(1 - CONFIDENCE, right, np.subtract(photos, right) + 1))  # 0 if none is right
    return bound
