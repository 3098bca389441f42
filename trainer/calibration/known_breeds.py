"""The probability that a dog is of one of the network's breeds, fitted on photos of dogs of other breeds.

Softmax divides all probability among the known breeds, so a dog of another breed gets one of their names. Two logistic
regressions tell such dogs apart: the first from the inputs of the network's last layer, the second from the first's
score and the energy of the logits (Liu et al. 2020). Both are fitted on photos that the network was not trained on.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from dogbreed.answers.scores import energy
from trainer.networks.score_tensors import KnownBreeds
from trainer.photos.folders import LabelledPhoto
from trainer.photos.splits import rank

KNOWN_SHARE = 0.75  # assumed among visitors' dogs
FOLDS = 5
FEWEST_PHOTOS = 50  # of known and of other breeds
STRENGTH = 1e-3  # inverse of the first regression's L2 penalty on standardized inputs
SMALLEST_DEVIATION = 0.02

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SeenDogs:
    """What a network says of photos of dogs: inputs of the last layer `[rows, k]` and logits `[rows, classes]`."""

    inputs: NDArray[np.float32]
    logits: NDArray[np.float32]
    folds: NDArray[np.int64]  # `[rows]` in 0..FOLDS-1

    def __len__(self) -> int:
        return len(self.inputs)


def fold_of(photo: LabelledPhoto, by_breed: bool) -> int:
    """The fold of a photo. Other breeds are divided by breed, because visitors' dogs are of yet other breeds."""
    name = photo.breed if by_breed else f"{photo.breed}/{Path(photo.path).name}"
    return int(rank(0, "known breeds", name)[:8], 16) % FOLDS


def fit_known_breeds(known: SeenDogs, other: SeenDogs) -> tuple[KnownBreeds, Floats] | None:
    """Fits the score.

    Returns:
        The tensors of the score, and the score of each known row from regressions that were fitted on the other folds.
        None if there are too few photos.
    """
    if min(len(known), len(other)) < FEWEST_PHOTOS:
        return None
    inputs = np.concatenate([known.inputs, other.inputs]).astype(np.float64)
    energies = energy(np.concatenate([known.logits, other.logits]))
    folds = np.concatenate([known.folds, other.folds])
    is_known = np.repeat([True, False], [len(known), len(other)])
    scores = np.zeros(len(inputs))
    for fold in np.unique(folds):
        inside = folds == fold
        weight, bias = _first(inputs[~inside], is_known[~inside])
        scores[inside] = inputs[inside] @ weight + bias
    second = LogisticRegression(C=10, class_weight="balanced").fit(np.stack([scores, energies], axis=1), is_known)
    (of_score, of_energy), constant = second.coef_[0], float(second.intercept_[0])
    constant += float(np.log(KNOWN_SHARE / (1 - KNOWN_SHARE)))
    weight, bias = _first(inputs, is_known)
    tensors = (
        torch.tensor(values, dtype=torch.float32)
        for values in (of_score * weight, of_energy, of_score * bias + constant)
    )
    return KnownBreeds(*tensors), (of_score * scores + of_energy * energies + constant)[: len(known)]


def _first(inputs: Floats, is_known: NDArray[np.bool_]) -> tuple[Floats, float]:
    """The first regression: weight `[k]` and bias on the inputs as they are."""
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0) + SMALLEST_DEVIATION
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    model.fit((inputs - mean) / deviation, is_known)
    weight = model.coef_[0] / deviation
    return weight, float(model.intercept_[0] - weight @ mean)
