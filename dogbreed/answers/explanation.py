"""Why this answer: where in a photo the network found what speaks for a breed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A heat map over the part `box` of the upright photo: left, top, right, bottom in 0..1 of its width and height.

    `heat` is float `[rows, columns]` in 0..1, row 0 at the top; 1 is the place that speaks for the breed most.
    """

    index: int
    heat: NDArray[np.float64]
    box: Box


def heat_map(evidence: NDArray[np.float32], index: int) -> NDArray[np.float64]:
    """What speaks for one class rather than for the others: a class activation map (Zhou et al. 2016).

    Args:
        evidence: float `[classes, rows, columns]`, what each place adds to each logit.

    Returns:
        float `[rows, columns]` in 0..1. What speaks against the class is 0.
    """
    # Less what the place adds to all classes alike, because that decides nothing.
    heat = np.maximum(evidence[index].astype(np.float64) - evidence.mean(axis=0), 0)
    highest = float(heat.max())
    return np.asarray(heat / highest) if highest > 0 else heat
