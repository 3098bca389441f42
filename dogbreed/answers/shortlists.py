"""Prediction sets: short lists of breeds, one of which is right as often as was promised.

Conformal prediction (Vovk et al. 2005). The nonconformity of a breed is the probability of all breeds before it, plus a
penalty for each of them: regularized adaptive prediction sets (RAPS, Angelopoulos et al. 2021) without their random
part. The most probable breed has nothing before it, and so no list is ever empty.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def nonconformity(probabilities: NDArray[np.floating], penalty: float) -> Floats:
    """How strange each class would be as the truth: `[n, classes]` in 0..1 -> `[n, classes]`, 0 for the likeliest."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1).astype(np.float64)
    before = np.cumsum(ranked, axis=1) - ranked + penalty * np.arange(ranked.shape[1])
    scores = np.empty_like(before)
    np.put_along_axis(scores, order, before, axis=1)
    return scores


def conformal_threshold(scores_of_truth: NDArray[np.floating], coverage: float) -> float:
    """The nonconformity that new photos' truths stay below with at least the probability `coverage`.

    That holds where they come from where these photos came from.
    """
    n = len(scores_of_truth)
    place = math.ceil((n + 1) * coverage)  # counted from 1
    return float(np.sort(scores_of_truth)[place - 1]) if place <= n else math.inf


def shortlist(probabilities: NDArray[np.floating], penalty: float, threshold: float) -> list[int]:
    """The classes of one photo's list, the most probable first: `[classes]` -> class indices, at least one."""
    scores = nonconformity(probabilities[None], penalty)[0]
    order = np.argsort(-probabilities, kind="stable")
    return [int(index) for index in order if scores[index] <= threshold] or [int(order[0])]
