"""Prediction sets: short lists of breeds that contain the right one with a promised probability.

Conformal prediction (Vovk et al. 2005). The nonconformity of a breed is the sum of the probabilities of all more
probable breeds, plus a penalty for each of them: regularized adaptive prediction sets (RAPS, Angelopoulos et al. 2021)
without randomization. The most probable breed has nonconformity 0, so no list is empty.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def nonconformity(probabilities: NDArray[np.floating], penalty: float) -> Floats:
    """Nonconformity of each class: probabilities `[n, classes]` in 0..1 -> `[n, classes]`, 0 for the most probable."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    before = _ranked_nonconformity(np.take_along_axis(probabilities, order, axis=1), penalty)
    scores = np.empty_like(before)
    np.put_along_axis(scores, order, before, axis=1)
    return scores


def _ranked_nonconformity(ranked: NDArray[np.floating], penalty: float) -> Floats:
    """The same for probabilities `[..., classes]` in descending order. It ascends."""
    ranked = ranked.astype(np.float64)
    before: Floats = np.cumsum(ranked, axis=-1) - ranked + penalty * np.arange(ranked.shape[-1])
    return before


def conformal_threshold(scores_of_truth: NDArray[np.floating], coverage: float) -> float:
    """The threshold that the true breed's nonconformity does not exceed, with probability `coverage` or more.

    This holds for new photos from the same distribution (exchangeable with these photos). It is infinite where there
    are too few photos.
    """
    n = len(scores_of_truth)
    place = math.ceil((n + 1) * coverage)  # counted from 1
    return float(np.sort(scores_of_truth)[place - 1]) if place <= n else math.inf


def shortlist(probabilities: NDArray[np.floating], penalty: float, threshold: float) -> list[int]:
    """One photo's list: probabilities `[classes]` -> class indices, at least one, the most probable first."""
    order = np.argsort(-probabilities, kind="stable")
    scores = _ranked_nonconformity(probabilities[order], penalty)
    listed: list[int] = order[scores <= threshold].tolist()
    return listed or [int(order[0])]
