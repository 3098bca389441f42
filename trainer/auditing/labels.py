"""Finds probably wrong labels by confident learning (Northcutt et al. 2021) on out-of-sample probabilities."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from trainer.auditing.features import Features
from trainer.progress import Progress, ProgressBar, silent

FOLDS = 5
FEWEST = 3  # photos of a breed: with fewer, cross-validation leaves too few for training
REGULARIZATION = 0.003  # scikit-learn's C
ITERATIONS = 60

Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class LabelErrors:
    """`suspects`: positions of photos with a probably wrong label, the most certain first. `probabilities`
    `[photos, breeds]` come from a classifier that was not trained on the photo; `accuracy` is how often its first
    choice is the label. Breeds in `too_few` have too few photos: these were not checked, and their rows are zero."""

    breeds: list[str]
    probabilities: Probabilities
    suspects: list[int]
    accuracy: float
    too_few: list[str]

    def first_choice(self, position: int) -> tuple[str, float]:
        """The most probable breed of a photo and its probability."""
        best = int(self.probabilities[position].argmax())
        return self.breeds[best], float(self.probabilities[position, best])

    def probability_of(self, position: int, breed: str) -> float:
        return float(self.probabilities[position, self.breeds.index(breed)]) if breed in self.breeds else 0.0


def find_label_errors(
    features: Features, labels: Sequence[str], groups: Sequence[int], progress: ProgressBar = silent
) -> LabelErrors | None:
    """Cross-validates a linear classifier on the features and compares its probabilities with the labels.

    Args:
        features: float32 `[photos, d]`.
        groups: a number for each photo; photos with the same number are near-duplicates, and the classifier that
            judges one of them was not trained on the others.

    Returns:
        None if fewer than two breeds have enough photos.
    """
    names, counts = np.unique(np.array(labels), return_counts=True)
    breeds = [str(name) for name in names[counts >= FEWEST]]
    if len(breeds) < 2:
        return None
    index = {breed: number for number, breed in enumerate(breeds)}
    judged = np.array([position for position, label in enumerate(labels) if label in index])
    targets = np.array([index[labels[position]] for position in judged])
    folds = min(FOLDS, int(counts[counts >= FEWEST].min()))
    with progress("Comparing labels") as comparing:
        within = _out_of_sample(features[judged], targets, np.array(groups)[judged], folds, comparing)
    suspects = find_label_issues(targets, within, return_indices_ranked_by="self_confidence", n_jobs=1)
    probabilities = np.zeros((len(labels), len(breeds)))
    probabilities[judged] = within
    return LabelErrors(
        breeds,
        probabilities,
        [int(judged[suspect]) for suspect in suspects],
        float((within.argmax(axis=1) == targets).mean()),
        [str(name) for name in names[counts < FEWEST]],
    )


def _out_of_sample(
    features: Features, targets: NDArray[np.int64], groups: NDArray[np.int64], folds: int, progress: Progress
) -> Probabilities:
    """Probabilities `[photos, breeds]`, each from a classifier not trained on the photo or its near-duplicates."""
    probabilities = np.zeros((len(targets), int(targets.max()) + 1))
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=0).split(features, targets, groups)
    for done, (seen, unseen) in enumerate(split, start=1):
        classifier = make_pipeline(StandardScaler(), LogisticRegression(C=REGULARIZATION, max_iter=ITERATIONS))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early also regularizes
            classifier.fit(features[seen], targets[seen])
        probabilities[np.ix_(unseen, classifier.classes_)] = classifier.predict_proba(features[unseen])
        progress(done, folds)
    return probabilities
