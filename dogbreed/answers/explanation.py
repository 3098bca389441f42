"""Explanations: which places of a photo support the answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A heat map over the part `box` of the upright photo: left, top, right, bottom in 0..1 of its width and height.

    `heat` is float `[rows, columns]` in 0..1, row 0 at the top; 1 is the place that supports the breed most.
    """

    index: int
    heat: NDArray[np.float64]
    box: Box


def heat_map(class_activation_maps: NDArray[np.float32], index: int) -> NDArray[np.float64]:
    """Which places support one class more than the others (class activation maps: Zhou et al. 2016).

    Args:
        class_activation_maps: float `[classes, rows, columns]`, what each place adds to each logit.

    Returns:
        float `[rows, columns]` in 0..1. Places that count against the class are 0.
    """
    # The mean over all classes is subtracted: what a place adds to every class alike decides nothing.
    maps = class_activation_maps
    heat = np.maximum(maps[index].astype(np.float64) - maps.mean(axis=0), 0)
    highest = float(heat.max())
    return np.asarray(heat / highest) if highest > 0 else heat
