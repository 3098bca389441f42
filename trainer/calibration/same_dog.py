"""How much photos of one dog depend on each other, fitted on pairs of validation photos.

No set of photos says which of them show the same dog. Two kinds of pairs enclose what is sought: photos of two dogs of
a breed are as independent as photos of one dog can be, and two views of one photo are as dependent.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from dogbreed.answers.calibration import SameDog
from dogbreed.answers.combining import correlation, dependence_of, divergence, log_probabilities, together

KEPT = 0.97  # the share of pairs of a breed that are not said to differ
FEWEST_PAIRS = 200
ROUNDS = 4  # how often the photos of each breed are paired anew
STARTS = [(0.7, 0.2), (0.85, 0.1)]  # (`independent`, `same` less `independent`)
NARROWEST = 0.005  # difference between the two correlations

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def fit_same_dog(near: NDArray[np.floating], far: NDArray[np.floating], targets: Ints) -> SameDog | None:
    """The dependence that gives the right breed the highest probability, on both kinds of pairs alike.

    Args:
        near: probabilities `[photos, classes]` of photos that the network was not trained on.
        far: those of another view of each.
        targets: true class indices `[photos]`.

    Returns:
        None if there are too few photos with another one of their breed.
    """
    pairs = _pairs(targets)
    if len(pairs) < FEWEST_PAIRS:
        return None
    logs, of_far = log_probabilities(near), log_probabilities(far)
    breeds = _Pairs(logs[pairs[:, 0]], logs[pairs[:, 1]], targets[pairs[:, 0]])
    views = _Pairs(logs, of_far, targets)
    fits = [_fit(breeds, views, start, width) for start, width in STARTS]
    least, independent, same = min(fits)[1]
    divergences = divergence(np.exp(breeds.first), np.exp(breeds.second))
    return SameDog(
        least=round(least, 4),
        independent=round(independent, 4),
        same=round(same, 4),
        apart=round(float(np.quantile(divergences, KEPT)), 4),
        kept=KEPT,
        pairs=len(pairs) + len(targets),
    )


class _Pairs:
    """Pairs of photos: their log probabilities `[pairs, classes]`, and the breed of both."""

    def __init__(self, first: Floats, second: Floats, targets: Ints) -> None:
        self.first, self.second, self.targets = first, second, targets
        self._both = np.stack([first, second], axis=1)
        self.correlations = correlation(first, second)

    def loss(self, same_dog: SameDog) -> float:
        """Mean negative log likelihood of the right breed."""
        weights = 1 / (1 + dependence_of(self.correlations, same_dog))
        probabilities = together(self._both, np.stack([weights, weights], axis=1))
        right = probabilities[np.arange(len(self.targets)), self.targets]
        return float(-np.log(np.maximum(right, 1e-12)).mean())


def _fit(breeds: _Pairs, views: _Pairs, independent: float, width: float) -> tuple[float, tuple[float, float, float]]:
    """(the loss, (least, independent, same)) from one start."""

    def named(values: NDArray[np.floating]) -> tuple[float, float, float]:
        least, low, wide = (float(value) for value in values)
        low = min(max(low, -0.9), 1 - 2 * NARROWEST)
        return min(max(least, 0.0), 1.0), low, min(low + max(abs(wide), NARROWEST), 1.0)

    def loss(values: NDArray[np.floating]) -> float:
        least, low, same = named(values)
        tried = SameDog(least=least, independent=low, same=same, apart=1, kept=KEPT, pairs=1)
        return breeds.loss(tried) + views.loss(tried)

    found = minimize(
        loss, (0.1, independent, width), method="Nelder-Mead", options={"maxiter": 120, "xatol": 1e-3, "fatol": 1e-5}
    )
    return float(found.fun), named(found.x)


def _pairs(targets: Ints) -> Ints:
    """Pairs of photos of a breed, `[pairs, 2]`: in each round every photo is in one pair at most."""
    random = np.random.default_rng(0)
    pairs: list[Ints] = []
    for breed in np.unique(targets):
        photos = np.flatnonzero(targets == breed)
        for _ in range(ROUNDS):
            mixed = random.permutation(photos)
            pairs.append(mixed[: len(mixed) // 2 * 2].reshape(-1, 2))
    return np.concatenate(pairs) if pairs else np.zeros((0, 2), np.int64)
