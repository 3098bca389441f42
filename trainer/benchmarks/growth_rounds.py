"""Several inputs measured alternating, so that other work on the machine affects all of them alike."""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from trainer.benchmarks.serving import ROUNDS
from trainer.benchmarks.stages import Times
from trainer.progress import ProgressBar

Input = TypeVar("Input")


def medians_of_rounds(
    ways: dict[Input, Callable[[], Times]], title: str, progress: ProgressBar
) -> dict[Input, dict[str, list[float]]]:
    """By input and figure, the median of each round. Every second round goes through the inputs backwards."""
    medians: dict[Input, dict[str, list[float]]] = {one: defaultdict(list) for one in ways}
    with progress(title) as measuring:
        for done in range(ROUNDS):
            for one, measure in ways.items() if done % 2 == 0 else reversed(ways.items()):
                for figure, values in measure().items():
                    medians[one][figure].append(float(np.median(values)))
            measuring(done + 1, ROUNDS)
    return medians


def in_ms(figures: dict[str, list[float]]) -> dict[str, float]:
    """The median over all rounds of each figure, with its unit in its name."""
    return {f"{name}_ms": float(np.median(values)) for name, values in figures.items()}
