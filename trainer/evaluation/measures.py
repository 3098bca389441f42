"""What a set of predictions adds up to, each number with how far the luck of the draw may have moved it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

ECE_BINS = 15  # as in Guo et al. 2017
RESAMPLES = 1000
SEED = 0

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Measured:
    """A number and its 95 % bootstrap interval: percentiles over resamples of the photos (Efron 1979)."""

    value: float
    interval: tuple[float, float]


def bootstrap(photos: int, statistic: Callable[[Ints], float]) -> Measured:
    """Args:
    statistic: of the photos with the indices that it is given.
    """
    random = np.random.default_rng(SEED)
    draws = [statistic(random.integers(0, photos, photos)) for _ in range(RESAMPLES)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Measured(float(statistic(np.arange(photos))), (float(low), float(high)))


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error (Guo et al. 2017): how far confidence and accuracy lie apart, over 15 equal bins."""
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def macro_f1(predicted: Ints, targets: Ints, classes: int) -> float:
    """The mean over the breeds among `targets` of their F1 (harmonic mean of precision and recall)."""
    right = np.bincount(targets[predicted == targets], minlength=classes)
    photos, named = np.bincount(targets, minlength=classes), np.bincount(predicted, minlength=classes)
    there = photos > 0
    return float((2 * right[there] / (photos + named)[there]).mean())


def auroc(known: Floats, strange: Floats) -> float:
    """How often a photo of what is known has the higher score: area under the curve of true over false alarms."""
    ranks = rankdata(np.concatenate([known, strange]))
    n, m = len(known), len(strange)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def auroc_interval(known: Floats, strange: Floats) -> Measured:
    """The area with its bootstrap interval: photos of both kinds are drawn anew."""
    random = np.random.default_rng(SEED)
    draws = [
        auroc(random.choice(known, len(known)), random.choice(strange, len(strange))) for _ in range(RESAMPLES // 4)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Measured(auroc(known, strange), (float(low), float(high)))


def ranks_and_losses(probabilities: Floats, targets: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """How many breeds are likelier than the right one, and minus the logarithm of its probability: each `[photos]`.

    A loss is infinite for a probability of zero; float32's smallest normal number bounds it.
    """
    truth = probabilities[np.arange(len(targets)), targets]
    ranks = (probabilities > truth[:, None]).sum(axis=1)
    return ranks, -np.log(np.maximum(truth.astype(np.float64), np.finfo(np.float32).tiny))


def core_measures(probabilities: Floats, targets: Ints) -> dict[str, Measured]:
    """Top-1, top-5, log loss, calibration error and macro F1.

    Args:
        probabilities: `[photos, classes]`.
        targets: true class indices `[photos]`.
    """
    n, classes = probabilities.shape
    rank, losses = ranks_and_losses(probabilities, targets)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = predicted == targets
    statistics: dict[str, Callable[[Ints], float]] = {
        "top1": lambda drawn: float((rank[drawn] < 1).mean()),
        "top5": lambda drawn: float((rank[drawn] < 5).mean()),
        "log_loss": lambda drawn: float(losses[drawn].mean()),
        "calibration_error": lambda drawn: calibration_error(confidence[drawn], right[drawn]),
        "macro_f1": lambda drawn: macro_f1(predicted[drawn], targets[drawn], classes),
    }
    return {name: bootstrap(n, statistic) for name, statistic in statistics.items()}
