"""How accurate and how reliable the answers to several photos of one dog are.

Labelled photos do not say which show the same dog. Sets of photos of one breed are measured instead: they are of
different dogs, and therefore more independent of each other than photos of one dog are. The accuracy is an upper bound.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.combining import Combination, combine
from dogbreed.answers.shortlists import shortlist
from dogbreed.answers.verdict import is_no_dog
from dogbreed.model.bundle import Bundle
from trainer.evaluation.evaluate import Evaluation
from trainer.evaluation.measures import measured_calibration_error, measured_share
from trainer.evaluation.trust import verdicts

SIZES = (1, 2, 3, 5)  # photos in a set
ROUNDS = 4  # how often each photo is in a set of each size
FEWEST_SETS = 10

Ints = NDArray[np.int64]


def several_photo_measures(evaluation: Evaluation, bundle: Bundle) -> dict[str, Any] | None:
    """Accuracy, calibration and shortlists of sets of photos of one breed, and which sets are said to differ.

    Returns:
        `sets`: one row for each number of photos: `photos`, `sets`, `top1`, `calibration_error`, `shortlist_coverage`
        and `shortlist_size` (None without shortlists), `said_to_differ` (the share of sets). `mixed_pairs` and
        `mixed_said_to_differ`: pairs of photos of two breeds. None if the bundle does not say how photos of one dog
        depend on each other, or if there are too few photos.
    """
    if bundle.config.calibration.same_dog is None:
        return None
    answers = _Answers(evaluation, bundle)
    of_sizes = [np.array(list(_sets(answers.targets, size))) for size in SIZES]
    rows = [_measured(answers, sets) for sets in of_sizes if len(sets) >= FEWEST_SETS]
    mixed = _mixed_pairs(answers.targets)
    if len(rows) < 2 or len(mixed) < FEWEST_SETS:
        return None
    differ = measured_share(np.array([_differs(answers.together(pair)) for pair in mixed]))
    return {"sets": rows, "mixed_pairs": len(mixed), "mixed_said_to_differ": asdict(differ)}


class _Answers:
    """What was answered to each photo of a set."""

    def __init__(self, evaluation: Evaluation, bundle: Bundle) -> None:
        self.targets, self.calibration = evaluation.targets, bundle.config.calibration
        self._probabilities = evaluation.probabilities
        given = verdicts(evaluation.answers, bundle)
        self._shows_dog = np.array([not is_no_dog(verdict) for verdict in given] or [True] * len(evaluation.targets))

    def together(self, photos: Ints) -> Combination:
        return combine(self._probabilities[photos], self._shows_dog[photos], self.calibration.same_dog)


def _measured(answers: _Answers, sets: Ints) -> dict[str, Any]:
    """Args: sets: the numbers of the photos of each set, `[sets, photos]`."""
    combined = [answers.together(photos) for photos in sets]
    probabilities = np.stack([one.probabilities for one in combined])
    targets = answers.targets[sets[:, 0]]
    right = probabilities.argmax(axis=1) == targets
    row = {
        "photos": sets.shape[1],
        "sets": len(sets),
        "top1": asdict(measured_share(right)),
        "calibration_error": asdict(measured_calibration_error(probabilities.max(axis=1), right)),
        "said_to_differ": float(np.mean([_differs(one) for one in combined])),
        "shortlist_coverage": None,
        "shortlist_size": None,
    }
    if chosen := answers.calibration.shortlist:
        lists = [shortlist(one, chosen.penalty, chosen.threshold) for one in probabilities]
        held = [target in found for target, found in zip(targets, lists, strict=True)]
        row["shortlist_coverage"] = float(np.mean(held))
        row["shortlist_size"] = float(np.mean([len(found) for found in lists]))
    return row


def _differs(combination: Combination) -> bool:
    return not all(share.agrees for share in combination.shares)


def _sets(targets: Ints, size: int) -> Iterator[Ints]:
    """Photos of one breed, `size` at a time; in each round every photo is in one set at most."""
    random = np.random.default_rng(size)
    for breed in np.unique(targets):
        photos = np.flatnonzero(targets == breed)
        for _ in range(ROUNDS if size > 1 else 1):
            mixed = random.permutation(photos)
            yield from mixed[: len(mixed) // size * size].reshape(-1, size)


def _mixed_pairs(targets: Ints) -> Ints:
    random = np.random.default_rng(0)
    pairs = np.stack([random.permutation(len(targets)), random.permutation(len(targets))], axis=1)
    return np.asarray(pairs[targets[pairs[:, 0]] != targets[pairs[:, 1]]])
