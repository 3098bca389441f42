"""How probable a taught breed must be to be named alone: few photos justify less than thousands do."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from dogbreed.answers.calibration import TaughtThresholds
from dogbreed.answers.naming import PROMISED
from trainer.teaching.class_row import Row
from trainer.teaching.reference import Seen

NEVER = 2.0  # no probability is this high
OTHER_SHARE = 0.25  # assumed among visitors' dogs: dogs of none of the bundle's breeds, as in its calibration
OWN_SHARE = 0.05  # assumed among visitors' dogs: who teaches a breed expects it

Floats = NDArray[np.floating]


def confidence(row: Row, seen: Seen, temperature: float) -> Floats:
    """The breed's probability times the probability of a known dog, where the breed is the answer; 0 elsewhere."""
    logits = row.logits(seen).astype(np.float64)
    probability = expit(logits / temperature - seen.scaled_energy)
    known = expit(np.maximum(seen.known, logits - seen.energy))
    return np.where(row.wins(seen), probability * known, 0.0)


def fit_naming(own: Floats, trained: Floats, other: Floats, views: int) -> TaughtThresholds:
    """The least confidences from which on naming the breed alone keeps the promises.

    It is assumed that one of twenty dogs is of the breed, and that a quarter of the others are of none of the breeds.
    One false alarm more than were seen is counted among the photos of either kind, and one more photo missed.

    Args:
        own: the confidence of each of the breed's photos, if it is taught from the others.
        trained, other: the confidences of reference photos; each photo is there in every view.
    """
    candidates = np.unique(np.concatenate([own, trained, other]))
    candidates = candidates[candidates > 0]
    found = dict.fromkeys(("breed", "probably"), NEVER)
    for threshold in candidates[::-1]:
        recall = float((own >= threshold).sum()) / (len(own) + 1)
        alarms = (1 - OTHER_SHARE) * _alarms(trained, threshold, views) + OTHER_SHARE * _alarms(other, threshold, views)
        alarms *= 1 - OWN_SHARE
        right = OWN_SHARE * recall
        precision = right / (right + alarms) if right else 0.0
        for kind in found:
            if precision >= PROMISED[kind]:  # type: ignore[index]
                found[kind] = float(threshold)
    return TaughtThresholds(photos=len(own), breed=found["breed"], probably=found["probably"])


def _alarms(confidences: Floats, threshold: float, views: int) -> float:
    return float((confidences >= threshold).sum() / views + 1) / (len(confidences) / views + 1)
