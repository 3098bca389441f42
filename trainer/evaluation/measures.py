"""Measures of a set of predictions, each with a 95 % interval."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, mannwhitneyu
from scipy.stats import bootstrap as scipy_bootstrap
from sklearn.metrics import f1_score, roc_auc_score

CONFIDENCE = 0.95
ECE_BINS = 15  # as in Guo et al. 2017
RESAMPLES, FEW_RESAMPLES = 1000, 200  # few where one takes milliseconds
SEED = 0

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """A number and its 95 % interval."""

    value: float
    interval: Interval


def wilson_interval(hits: int, n: int) -> Interval:
    """The 95 % score interval of a share (Wilson 1927), which also holds near 0 and 1 and for few photos."""
    interval = binomtest(hits, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def measured_share(right: NDArray[np.bool_]) -> Measured:
    """The share of True with its Wilson interval."""
    return Measured(float(right.mean()), wilson_interval(int(right.sum()), len(right)))


def bootstrap(
    photos: int,
    statistic: Callable[[Ints], float],
    resamples: int = RESAMPLES,
    method: Literal["percentile", "basic"] = "percentile",
) -> Measured:
    """A statistic with its bootstrap interval over resamples of the photos (Efron 1979).

    Args:
        statistic: of the photos with these indices.
        method: "percentile", or "basic", which corrects the bias of a statistic that resampling biases.
    """
    indices = np.arange(photos)
    value = float(statistic(indices))
    if photos < 2:
        return Measured(value, (value, value))
    return Measured(value, _interval((indices,), statistic, resamples, method, vectorized=False))


def _interval(data: tuple[NDArray[Any], ...], statistic: Any, resamples: int, method: str, **how: Any) -> Interval:
    random = np.random.default_rng(SEED)
    found = scipy_bootstrap(
        data, statistic, n_resamples=resamples, batch=50, method=method, confidence_level=CONFIDENCE, rng=random, **how
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error (Guo et al. 2017): the mean gap between confidence and accuracy over 15 equal bins."""
    gaps = np.bincount(ece_bins(confidence), weights=confidence - right, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def ece_bins(confidence: Floats) -> Ints:
    """The bin of each confidence, from 0 to `ECE_BINS` - 1."""
    return np.minimum((confidence * ECE_BINS).astype(np.int64), ECE_BINS - 1)


def measured_calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> Measured:
    """The calibration error with a bias-corrected interval: the basic bootstrap (Davison and Hinkley 1997).

    The error is a sum of absolute values, so noise only increases it, and resampling adds the same noise again: the
    percentiles of the resamples are too high. The basic bootstrap reflects them about the value, which corrects this
    bias to first order. On simulated answers with a true error of 0.02, its 95 % intervals contained the true error in
    87 % of sets of 1,000 photos and in 93 % of sets of 2,500. Percentile intervals did so in 0 and 22 %, and BCa
    intervals in 23 and 72 %. The error is never below 0, and neither are the bounds.
    """
    measured = bootstrap(len(right), lambda drawn: calibration_error(confidence[drawn], right[drawn]), method="basic")
    low, high = measured.interval
    return Measured(measured.value, (max(low, 0.0), max(high, 0.0)))


def macro_f1(predicted: Ints, targets: Ints) -> float:
    """The mean of the F1 scores (harmonic means of precision and recall) of the breeds that are among `targets`."""
    return float(f1_score(targets, predicted, labels=np.unique(targets), average="macro", zero_division=0))


def auroc(known: Floats, unknown: Floats) -> float:
    """The probability that a photo of the known kind has a higher score than one of the unknown kind.

    This is the area under the receiver operating characteristic (ROC) curve.
    """
    is_known = np.concatenate([np.ones(len(known)), np.zeros(len(unknown))])
    return float(roc_auc_score(is_known, np.concatenate([known, unknown])))


def measured_auroc(known: Floats, unknown: Floats) -> Measured:
    """The area with its bootstrap interval over resamples of the photos of both kinds."""

    def area(known: Floats, unknown: Floats, axis: int) -> Floats:
        # The same number from the Mann-Whitney U statistic, which SciPy computes for many resamples at once.
        u = mannwhitneyu(known, unknown, axis=axis, method="asymptotic").statistic
        return np.asarray(u / (known.shape[axis] * unknown.shape[axis]))

    value = auroc(known, unknown)
    if min(len(known), len(unknown)) < 2:
        return Measured(value, (value, value))
    return Measured(value, _interval((known, unknown), area, FEW_RESAMPLES, "percentile", vectorized=True))


def ranks_and_losses(probabilities: Floats, targets: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """The number of breeds more probable than the right one, and the log loss of each photo: both `[photos]`.

    Probabilities are bounded below by float32's smallest normal number, so that no loss is infinite.
    """
    truth = probabilities[np.arange(len(targets)), targets]
    ranks = (probabilities > truth[:, None]).sum(axis=1)
    return ranks, -np.log(np.maximum(truth.astype(np.float64), np.finfo(np.float32).tiny))


def core_measures(probabilities: Floats, targets: Ints) -> dict[str, Measured]:
    """Top-1 and top-5 with Wilson intervals; log loss, calibration error and macro F1 with bootstrap intervals.

    Args:
        probabilities: `[photos, classes]`.
        targets: true class indices `[photos]`.
    """
    n = len(targets)
    rank, losses = ranks_and_losses(probabilities, targets)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    return {
        "top1": measured_share(rank < 1),
        "top5": measured_share(rank < 5),
        "log_loss": bootstrap(n, lambda drawn: float(losses[drawn].mean())),
        "calibration_error": measured_calibration_error(confidence, predicted == targets),
        "macro_f1": bootstrap(n, lambda drawn: macro_f1(predicted[drawn], targets[drawn]), FEW_RESAMPLES),
    }
