"""How often two breeds are told apart, estimated from the few validation photos of each."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from dogbreed.answers.calibration import LookAlikePair, LookAlikes

# The model's own probabilities count as much as this many photos. With them, the 95 % intervals of 18 of the 20 pairs
# that models/default confuses most contained the value on other photos; with the photos alone (about 12 a pair), 16.
PRIOR_PHOTOS = 20
MENTIONED_BELOW = 0.99  # pairs that are told apart more often are no look-alikes
LEAST_PRIOR = 1e-4  # keeps the prior away from 0 and 1

Floats = NDArray[np.float64]


def told_apart(logits: NDArray[np.floating], targets: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Counts over photos for each pair of classes, going by the logits of these two classes alone.

    Args:
        logits: `[photos, classes]`, divided by the temperature.
        targets: true class indices `[photos]`.

    Returns:
        The number of photos of either class, how many of them have the higher logit for their own class, and how many
        of them the model expects to have: all `[classes, classes]` and symmetric.
    """
    classes = logits.shape[1]
    photos = np.bincount(targets, minlength=classes)
    right, expected = np.zeros((classes, classes)), np.zeros((classes, classes))
    ahead = logits[np.arange(len(targets)), targets][:, None] - logits
    np.add.at(right, targets, ahead > 0)
    np.add.at(expected, targets, 1 / (1 + np.exp(-np.abs(ahead))))
    return photos[:, None] + photos, right + right.T, expected + expected.T


def estimate_look_alikes(logits: NDArray[np.floating], targets: NDArray[np.int64], description: str) -> LookAlikes:
    """Estimates every pair's accuracy: a beta distribution whose prior mean is the accuracy that the model expects."""
    photos, right, expected = told_apart(logits, targets)
    pairs = []
    for a, b in zip(*np.triu_indices(len(photos), 1), strict=True):
        n, hits = int(photos[a, b]), int(right[a, b])
        if n == 0:
            continue
        prior = float(np.clip(expected[a, b] / n, LEAST_PRIOR, 1 - LEAST_PRIOR))
        first, second = prior * PRIOR_PHOTOS + hits, (1 - prior) * PRIOR_PHOTOS + n - hits
        accuracy = first / (first + second)
        if accuracy < MENTIONED_BELOW:
            low, high = (round(float(beta.ppf(side, first, second)), 4) for side in (0.025, 0.975))
            breeds = (int(a), int(b))
            pairs.append(
                LookAlikePair(
                    breeds=breeds, photos=n, told_apart=hits, accuracy=round(accuracy, 4), interval=(low, high)
                )
            )
    return LookAlikes(description=description, pairs=sorted(pairs, key=lambda pair: pair.accuracy))
