"""Scores: one number a photo that says how much it looks like photos the model knows, from the network's outputs."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.calibration import ScoreName
from dogbreed.answers.outputs import DOG, FAMILIARITY, KNOWN_BREED, OUTPUT, Outputs

Scores = NDArray[np.float64]


def energy(logits: NDArray[np.float32]) -> Scores:
    """log of the sum of exp(logits) (Liu et al. 2020): `[n, classes]` -> `[n]`. The higher, the more familiar."""
    highest = logits.max(axis=1).astype(np.float64)
    sums: Scores = np.exp(logits.astype(np.float64) - highest[:, None]).sum(axis=1)
    return np.asarray(highest + np.log(sums))


def softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> Scores:
    """`[n, classes]` in 0..1; each row sums to 1."""
    scores = logits.astype(np.float64) / temperature
    scores -= scores.max(axis=1, keepdims=True)  # exp then never overflows
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


# Each is higher for photos that the model knows. `trainer.evaluation.trust` compares them on photos.
SCORES: dict[ScoreName, Callable[[Outputs], Scores]] = {
    "imagenet": lambda outputs: outputs[DOG].astype(np.float64),
    "known_breed": lambda outputs: outputs[KNOWN_BREED].astype(np.float64),
    "cosine": lambda outputs: outputs[FAMILIARITY].astype(np.float64),
    "energy": lambda outputs: energy(outputs[OUTPUT]),
    "max_logit": lambda outputs: outputs[OUTPUT].max(axis=1).astype(np.float64),
    "max_probability": lambda outputs: softmax(outputs[OUTPUT]).max(axis=1),
}
NEEDED_OUTPUT: dict[ScoreName, str] = {"imagenet": DOG, "known_breed": KNOWN_BREED, "cosine": FAMILIARITY}


def can_compute(score: ScoreName, outputs: Outputs) -> bool:
    """Whether the network has the output that a score is computed from."""
    return NEEDED_OUTPUT.get(score, OUTPUT) in outputs


def known_breed_probability(outputs: Outputs) -> Scores:
    """`[n]` in 0..1: the probability that the dog is of one of the network's breeds; 1 if the network does not say."""
    if KNOWN_BREED not in outputs:
        return np.ones(len(outputs[OUTPUT]))
    return np.asarray(1 / (1 + np.exp(-outputs[KNOWN_BREED].astype(np.float64))))
