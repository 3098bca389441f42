"""The answers of both bundles beside the truth: what is right, how far off it is, and what the verdicts say."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.calibration import Kind
from trainer.comparing.both_answers import Both, BundleAnswers
from trainer.evaluation.measures import ranks_and_losses
from trainer.evaluation.right_verdicts import is_right

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Side:
    """One bundle on labelled photos. All arrays have one row a photo.

    Attributes:
        predicted: the most probable of the breeds that both bundles know.
        right: whether that is the photo's breed.
        losses: the log loss.
        confidence: the probability of the prediction.
        truth: the probability of the photo's breed.
        kinds: of the verdicts; None if the bundle gives none.
        right_verdicts: whether the verdict promises something and is right; all False if the bundle gives none.
    """

    predicted: NDArray[np.str_]
    right: Mask
    losses: NDArray[np.float64]
    confidence: NDArray[np.float64]
    truth: NDArray[np.float64]
    kinds: NDArray[np.str_] | None
    right_verdicts: Mask

    def where(self, chosen: Mask) -> "Side":
        return Side(
            self.predicted[chosen],
            self.right[chosen],
            self.losses[chosen],
            self.confidence[chosen],
            self.truth[chosen],
            None if self.kinds is None else self.kinds[chosen],
            self.right_verdicts[chosen],
        )

    def is_kind(self, *kinds: Kind) -> Mask:
        """Whether the verdict is of one of these kinds."""
        return np.zeros(len(self.right), bool) if self.kinds is None else np.isin(self.kinds, kinds)


def side_of(answers: BundleAnswers, breeds: list[str], among: list[str]) -> Side:
    """What a bundle says of labelled photos.

    Args:
        breeds: of the photos.
        among: the breeds that count, all known to the bundle. The probabilities are those given that the breed is among
            them, so that a bundle that knows more breeds has no harder task. Verdicts are those of the whole bundle.
    """
    labels = answers.bundle.config.label_names
    columns = [labels.index(label) for label in among]
    places = {label: index for index, label in enumerate(among)}
    targets = np.array([places[breed] for breed in breeds], np.int64)
    probabilities = answers.probabilities[:, columns]
    if len(columns) < len(labels):
        sums = probabilities.sum(axis=1, keepdims=True)
        probabilities = probabilities / np.maximum(sums, np.finfo(np.float32).tiny)
    _, losses = ranks_and_losses(probabilities, targets)
    best = probabilities.argmax(axis=1)
    verdicts = answers.verdicts
    given = verdicts or []
    helped = [is_right(verdict, labels.index(breed), labels) for verdict, breed in zip(given, breeds, strict=False)]
    return Side(
        predicted=np.array(among)[best],
        right=best == targets,
        losses=losses,
        confidence=probabilities.max(axis=1).astype(np.float64),
        truth=probabilities[np.arange(len(targets)), targets].astype(np.float64),
        kinds=None if verdicts is None else np.array([verdict.kind for verdict in verdicts], np.str_),
        right_verdicts=np.array(helped, bool) if verdicts else np.zeros(len(targets), bool),
    )


@dataclass(frozen=True)
class Compared:
    """All that is compared.

    Attributes:
        labelled: answers to photos of breeds that both bundles know.
        set_names: of each of these photos.
        unshared: photos of breeds that only one of them knows.
        missing, added: breeds that only the old one knows, and only the new one.
        unreadable: photos that were left out, and why.
    """

    labelled: Both
    set_names: NDArray[np.str_]
    not_a_dog: Both
    other_breeds: Both
    unshared: Both
    missing: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    unreadable: dict[Path, str] = field(default_factory=dict)

    @cached_property
    def breeds(self) -> NDArray[np.str_]:
        return np.array([photo.breed for photo in self.labelled.photos], np.str_)

    @property
    def common(self) -> list[str]:
        """The breeds that both know."""
        return [label for label in self.labelled.old.bundle.config.label_names if label not in self.missing]

    @cached_property
    def old(self) -> Side:
        return side_of(self.labelled.old, self.breeds.tolist(), self.common)

    @cached_property
    def new(self) -> Side:
        return side_of(self.labelled.new, self.breeds.tolist(), self.common)

    @property
    def sets(self) -> list[str]:
        return list(dict.fromkeys(self.set_names.tolist()))

    @property
    def photos(self) -> int:
        """How many photos were answered by both and count."""
        return len(self.labelled) + len(self.not_a_dog) + len(self.other_breeds)

    def milliseconds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        parts = (self.labelled, self.not_a_dog, self.other_breeds, self.unshared)
        old, new = ([getattr(part, side).milliseconds for part in parts] for side in ("old", "new"))
        return np.concatenate(old), np.concatenate(new)
