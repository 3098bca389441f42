"""The row of the last layer for a new breed, and the threshold from which on the breed is the answer.

The row begins as the direction from the mean of all photos to the mean of the breed's photos: a prototype. A logistic
regression then turns it a little, so that the breed's photos lie above, and reference photos below, the energy of the
other classes' logits. The threshold keeps false alarms on reference photos below a bound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from trainer.teaching.reference import Reference, Seen

# All of these were chosen on `more-dogs/other-breeds` and the validation photos.
NORM = 0.75  # of the row before it is turned, in mean norms of the classes' rows
STIFFNESS = 4e-5  # the price of turning it, times the mean square of the reference photos' distances from their mean
OWN_WEIGHT, OTHER_WEIGHT = 0.2, 0.1  # of all the breed's photos, and of all photos of other breeds; the rest weigh 1
MOST_FALSE_ALARMS = 0.01  # share of the trained breeds' reference photos
MOST_LOST = 0.0015  # share of them that were right before; of other photos two to three times as many are lost
STEPS = 60
NEWTON_STEPS = 3
NEGLIGIBLE, SMALLEST_CURVE = 1e-4, 1e-6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """The logit of the breed is points @ direction - threshold."""

    direction: NDArray[np.float32]
    threshold: float

    def logits(self, seen: Seen) -> NDArray[np.float32]:
        return (seen.points @ self.direction - np.float32(self.threshold)).astype(np.float32)

    def wins(self, seen: Seen) -> NDArray[np.bool_]:
        return self.logits(seen) > seen.best


@dataclass(frozen=True)
class Against:
    """What a breed is told from: the reference photos, and those of still other breeds."""

    reference: Reference
    other: Seen
    norm: float  # the mean norm of the classes' rows, less their mean


class Fit:
    """The rows of one breed: from all of its photos, and from all but one of them."""

    def __init__(self, own: Seen, against: Against) -> None:
        """Args:
        own: the breed's photos.
        """
        self._own, self._against = own, against
        reference, other = against.reference.trained, against.other
        self._points = np.concatenate([own.points, reference.points, other.points])
        self._energy = np.concatenate([own.energy, reference.energy, other.energy])
        self._is_own = (np.arange(len(self._points)) < len(own)).astype(np.float32)
        self._beside = np.concatenate([_even(1.0, len(reference)), _even(OTHER_WEIGHT, len(other))])
        self._price = STIFFNESS * float((reference.points.astype(np.float64) ** 2).sum(axis=1).mean())
        self._turn = self._turned(np.ones(len(own), bool))

    def row(self) -> Row:
        return self._row_by(self._start(np.ones(len(self._own), bool)) + self._turn[:-1])

    def row_without(self, place: int) -> Row:
        """By Newton's method from the row of all photos, from which it differs little."""
        kept = np.arange(len(self._own)) != place
        start, turn = self._start(kept), self._turn.copy()
        weights, before = self._weights(kept), self._before(start)
        for _ in range(NEWTON_STEPS):
            _, slope = self._loss(turn, before, weights)
            odds = before + self._points @ turn[:-1] + turn[-1]
            share = expit(odds)
            curved = weights * share * (1 - share)
            matters = curved > curved.max() * NEGLIGIBLE
            points = np.append(self._points[matters], np.ones((matters.sum(), 1), np.float32), axis=1).astype(
                np.float64
            )
            price = np.append(np.full(len(turn) - 1, 2 * self._price), SMALLEST_CURVE)
            turn -= np.linalg.solve((points.T * curved[matters]) @ points + np.diag(price), slope)
        return self._row_by(start + turn[:-1])

    def _start(self, kept: NDArray[np.bool_]) -> Floats:
        """The prototype: the direction to the mean of the photos."""
        mean = self._own.points[kept].mean(axis=0, dtype=np.float64)
        start: Floats = NORM * self._against.norm * mean / max(float(np.linalg.norm(mean)), 1e-9)
        return start

    def _before(self, start: Floats) -> Floats:
        before: Floats = self._points @ start.astype(np.float32) - self._energy
        return before

    def _weights(self, kept: NDArray[np.bool_]) -> Floats:
        return np.concatenate([kept * (OWN_WEIGHT / kept.sum()), self._beside])

    def _turned(self, kept: NDArray[np.bool_]) -> Floats:
        """What is added to the prototype, and last the constant."""
        before, weights = self._before(self._start(kept)), self._weights(kept)
        zero = np.zeros(self._points.shape[1] + 1)
        zero[-1] = -float(np.median(before[: len(kept)]))
        options = {"maxiter": STEPS}
        found: Floats = minimize(self._loss, zero, (before, weights), jac=True, method="L-BFGS-B", options=options).x
        return found

    def _loss(self, turn: Floats, before: Floats, weights: Floats) -> tuple[float, Floats]:
        odds = (before + self._points @ turn[:-1].astype(np.float32)).astype(np.float64) + turn[-1]
        slope = weights * (expit(odds) - self._is_own)
        value = (weights * (np.logaddexp(0, odds) - self._is_own * odds)).sum() + self._price * (turn[:-1] @ turn[:-1])
        along = (self._points.T @ slope.astype(np.float32)).astype(np.float64)
        return float(value), np.append(along + 2 * self._price * turn[:-1], slope.sum())

    def _row_by(self, direction: Floats) -> Row:
        """With the least threshold that keeps both bounds on the reference photos."""
        trained, right = self._against.reference.trained, self._against.reference.right
        rounded = direction.astype(np.float32)
        margins = trained.points @ rounded - trained.best
        lost = np.where(right, margins, -np.inf)
        return Row(rounded, max(_bound(margins, MOST_FALSE_ALARMS), _bound(lost, MOST_LOST)))


def _bound(margins: NDArray[np.floating], share: float) -> float:
    """The margin that at most this share exceeds."""
    return float(np.sort(margins)[::-1][int(share * len(margins))])


def _even(total: float, count: int) -> Floats:
    return np.full(count, total / max(count, 1))
