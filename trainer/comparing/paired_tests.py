"""Statistical tests for two bundles that answered the same photos. Each asks: is the new one worse?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binom, norm

CONFIDENCE = 0.95
POWER = 0.8  # with which `least_found` would be found
RESAMPLES = 10_000
BATCH = 250  # resamples at once
SEED = 0

Floats = NDArray[np.floating]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Discordant:
    """Of `n` photos: how many only the old bundle got right (`lost`), and how many only the new one (`gained`)."""

    lost: int
    gained: int
    n: int

    @classmethod
    def of(cls, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> "Discordant":
        return cls(int((old & ~new).sum()), int((new & ~old).sum()), len(old))

    @property
    def loss(self) -> float:
        """The share of right photos before less the share now."""
        return (self.lost - self.gained) / self.n

    def reversed(self) -> "Discordant":
        return Discordant(self.gained, self.lost, self.n)


def mcnemar(pairs: Discordant) -> float:
    """The one-sided mid-p value of McNemar's test that the new bundle is not worse (Fagerland et al. 2013)."""
    discordant = pairs.lost + pairs.gained
    at_least = binom.sf(pairs.lost - 1, discordant, 0.5)
    return float(at_least - 0.5 * binom.pmf(pairs.lost, discordant, 0.5)) if discordant else 1.0


def _score(pairs: Discordant, loss: float) -> float:
    """Tango's score for a true loss (Tango 1998): about normal if that is the true one, and higher if it is larger."""
    if loss < 0:
        return -_score(pairs.reversed(), -loss)
    n, b, c = pairs.n, pairs.lost, pairs.gained
    linear = b + c + loss * (b - c) - 2 * n * loss
    gained = (linear + np.sqrt(linear**2 + 8 * n * c * loss * (1 - loss))) / (4 * n)  # the likeliest, given the loss
    variance = n * (2 * gained + loss * (1 - loss))
    return float((b - c - n * loss) / np.sqrt(variance)) if variance > 0 else 0.0


def loses_more_than(pairs: Discordant, margin: float) -> float:
    """The p-value that the share of right photos fell by `margin` at most.

    It is Tango's, which is approximate for few photos, and never below McNemar's, which is exact but has no margin.
    """
    return max(float(norm.sf(_score(pairs, margin))), mcnemar(pairs))


def smallest_possible(pairs: Discordant, margin: float) -> float:
    """The p-value if the old bundle had been right on all photos of which only one got it right."""
    return loses_more_than(Discordant(pairs.lost + pairs.gained, 0, pairs.n), margin)


def loss_interval(pairs: Discordant) -> Interval:
    """The 95 % interval of the loss: the losses that Tango's score does not reject."""
    z, edge = float(norm.isf((1 - CONFIDENCE) / 2)), 1 - 1e-9

    def lower(loss: float) -> float:
        return _score(pairs, loss) - z

    def upper(loss: float) -> float:
        return _score(pairs, loss) + z

    low = brentq(lower, -edge, pairs.loss) if pairs.loss > -edge and lower(-edge) > 0 else -1.0
    high = brentq(upper, pairs.loss, edge) if pairs.loss < edge and upper(edge) < 0 else 1.0
    return float(low), float(high)


def least_found(discordant_share: float, n: int, margin: float, level: float) -> float | None:
    """The smallest true loss that a test with this margin finds in 4 of 5 comparisons; None if it finds none.

    Args:
        discordant_share: of photos that only one bundle got right; a loss is at least this share itself.
        level: the p-value below which the test reports.
    """
    z = float(norm.isf(level) + norm.ppf(POWER))

    def found(loss: float) -> float:
        return loss - margin - z * float(np.sqrt((max(discordant_share, loss) - loss**2) / n))

    # McNemar's p-value of so many lost photos and none gained: fewer than that are never found.
    fewest = max(0.0, -math.log2(2 * level)) / n
    if fewest > 1 or found(1 - 1e-9) < 0:
        return None
    return max(float(brentq(found, margin, 1 - 1e-9)), fewest)


def least_found_by_error(error: float, margin: float, level: float) -> float | None:
    """The same for a measure with this standard error; None if the bundles do not differ on any photo."""
    return margin + float(norm.isf(level) + norm.ppf(POWER)) * error if error > 0 else None


def resampled_means(values: NDArray[np.float64], resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """The means of `[n, columns]` over resamples of the rows: `[resamples, columns]` (Efron 1979). Reproducible."""
    return np.concatenate([counts @ values for counts in _counts(len(values), resamples)]) / len(values)


def _counts(n: int, resamples: int) -> Iterator[NDArray[np.float64]]:
    random = np.random.default_rng(SEED)
    for start in range(0, resamples, BATCH):
        rows = min(BATCH, resamples - start)
        drawn = random.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def share_at_most(resampled: Floats, margin: float) -> float:
    """A bootstrap's p-value that a loss is `margin` at most. It is never 0: there are only so many resamples."""
    return float((1 + (resampled <= margin).sum()) / (1 + len(resampled)))


def percentiles(resampled: Floats) -> Interval:
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979): below 5 % with a false alarm in 5 % of comparisons at most."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values, float)[order] * (len(p_values) - np.arange(len(p_values)))
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return [float(p) for p in corrected]


def tarone(p_values: Sequence[float], smallest: Sequence[float]) -> list[float]:
    """P-values corrected for the number of tests that could have been as significant (Tarone 1990).

    Of 120 breeds most have so few photos on which two bundles differ that their tests can hardly report anything. They
    need not be paid for, so a single forgotten breed is found with fewer photos than by Holm's method.

    Args:
        smallest: the smallest p-value that each test could have given.
    """
    return [min(1.0, p * sum(least <= p for least in smallest)) for p in p_values]
