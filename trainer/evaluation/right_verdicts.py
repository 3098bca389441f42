"""The verdicts on many photos, and when one counts as right."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.breeds import known_breed
from dogbreed.answers.outputs import Outputs
from dogbreed.answers.verdict import Verdict, judge
from dogbreed.model.bundle import BundleConfig


def judge_photos(
    probabilities: NDArray[np.floating], outputs_of: Callable[[int], Outputs], config: BundleConfig
) -> list[Verdict]:
    """The verdict on each photo; an empty list if the bundle has no thresholds.

    Args:
        probabilities: `[n, classes]`.
        outputs_of: the network's outputs for the photo at a place, each `[1, ...]`.
    """
    found = (
        judge(row, outputs_of(index), config.calibration, config.label_names) for index, row in enumerate(probabilities)
    )
    return [verdict for verdict in found if verdict is not None]


def is_right(verdict: Verdict, target: int, label_names: list[str]) -> bool:
    """Whether the photo's breed is among those that a promise is made of."""
    if verdict.kind == "group":
        breed = known_breed(label_names[target])
        return breed is not None and breed.group == verdict.group
    return verdict.promised is not None and target in verdict.breeds
