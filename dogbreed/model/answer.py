"""What a classifier answers."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.breeds import display_name
from dogbreed.answers.calibration import LookAlikePair
from dogbreed.answers.coach import Advice
from dogbreed.answers.combining import Share
from dogbreed.answers.explanation import Explanation
from dogbreed.answers.outputs import Outputs
from dogbreed.answers.verdict import Verdict


@dataclass(frozen=True)
class RankedBreed:
    """One row of a prediction: a label, its common name, and its probability in 0..1."""

    breed: str
    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """The answer to one photo.

    `index` is the class in sorted label order, `breed` its label, `probability` in 0..1, and `probabilities` float32
    `[classes]` in label order, with sum 1. `shortlist` holds class indices, the most probable first; it contains the
    right breed with the probability that the bundle promises. `look_alikes` says how often the two most probable breeds
    are told apart. What a bundle does not support is None. `explanation` is None unless it was requested. `scores` are
    the network's outputs of one number, and its logits: from them verdicts are made. `advice` says what would help, if
    that was requested, and is None where nothing is known to.
    """

    index: int
    breed: str
    name: str
    probability: float
    probabilities: NDArray[np.float32]
    label_names: list[str]
    verdict: Verdict | None = None
    shortlist: list[int] | None = None
    look_alikes: LookAlikePair | None = None
    explanation: Explanation | None = None
    scores: Outputs = field(default_factory=dict)
    advice: Advice | None = None

    def ranked(self) -> list[RankedBreed]:
        """All classes, the most probable first; equal ones in label order."""
        order = np.argsort(-self.probabilities, kind="stable")
        return [
            RankedBreed(self.label_names[i], display_name(self.label_names[i]), float(self.probabilities[i]))
            for i in order
        ]


@dataclass(frozen=True, eq=False)
class Combined:
    """The answer to several photos of one dog, and what each photo contributed to it."""

    answer: Prediction
    shares: list[Share]
