"""Verdicts: what may be said of a photo, by thresholds that were calibrated.

There are six kinds, and the first that applies is given. `not_a_dog`: the photo shows no dog. `breed`: one breed is
named. `probably`: a breed is named that is right less often. `one_of`: two or three breeds are named. `group`: a group
of breeds is named. `uncertain`: nothing is promised.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.breeds import article, display_name
from dogbreed.answers.calibration import Calibration, Gate, Kind, MeasuredKind
from dogbreed.answers.naming import GROUP_NOUNS, PROMISED, Naming, likely, name_breeds, ranked
from dogbreed.answers.outputs import Outputs
from dogbreed.answers.scores import SCORES, can_compute, known_breed_probability

Level = Literal["breed", "group", "uncertain", "not_a_dog"]
# For clients that know the four levels of the first version.
LEVEL_OF: dict[Kind, Level] = {
    "breed": "breed",
    "probably": "uncertain",
    "one_of": "uncertain",
    "group": "group",
    "uncertain": "uncertain",
    "not_a_dog": "not_a_dog",
}


@dataclass(frozen=True)
class Reading:
    """A photo's score and the threshold that it has to reach."""

    score: float
    threshold: float

    @property
    def passes(self) -> bool:
        return self.score >= self.threshold


@dataclass(frozen=True)
class Verdict:
    """The verdict on a photo.

    Attributes:
        probability: the sum over the named breeds, or over the named group; None if nothing is promised.
        group: its id in the catalogue, at the kind group.
        breeds: class indices of the named breeds, the most probable first; empty if there is no dog.
        familiar: False if the photo seems to show a dog of none of the model's breeds.
        dog, familiarity: the scores that this was decided by; None if the network does not give them.
        promised: the share of such verdicts that are right at least; None if nothing is promised.
        measured: how many such verdicts were right on validation photos; None if the bundle does not say, or if a
            named breed was taught: those photos show none.
        taught: the named breeds that were taught from a few photos, and their numbers of photos.
    """

    kind: Kind
    text: str
    breeds: list[int]
    familiar: bool
    dog: Reading | None
    familiarity: Reading | None
    probability: float | None = None
    group: str | None = None
    promised: float | None = None
    measured: MeasuredKind | None = None
    taught: dict[int, int] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """The kind, in the four words of the first version."""
        return LEVEL_OF[self.kind]


def is_no_dog(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.kind == "not_a_dog"


def judge(
    probabilities: NDArray[np.floating], outputs: Outputs, calibration: Calibration, label_names: list[str]
) -> Verdict | None:
    """The verdict on one photo, or None if the bundle has no thresholds for verdicts.

    Args:
        probabilities: `[classes]`.
        outputs: the engine's outputs for this photo alone.
    """
    thresholds = calibration.verdict
    if thresholds is None:
        return None
    dog, familiarity = _reading(calibration.dog, outputs), _reading(calibration.familiar, outputs)
    familiar = familiarity is None or familiarity.passes
    if dog and not dog.passes:
        naming = Naming("not_a_dog", [])
    elif not familiar:
        naming = Naming("uncertain", likely(ranked(probabilities), probabilities))
    else:
        known = float(known_breed_probability(outputs)[0])
        naming = name_breeds(probabilities, known, thresholds, label_names)
    taught = {
        index: thresholds.taught[label_names[index]].photos
        for index in naming.breeds
        if label_names[index] in thresholds.taught
    }
    return Verdict(
        naming.kind,
        _text(naming, familiar, [display_name(label_names[index]) for index in naming.breeds]),
        naming.breeds,
        familiar,
        dog,
        familiarity,
        naming.probability,
        naming.group,
        PROMISED.get(naming.kind),
        None if taught else thresholds.measured.get(naming.kind),
        taught,
    )


def _reading(gate: Gate | None, outputs: Outputs) -> Reading | None:
    if gate is None or not can_compute(gate.score, outputs):
        return None
    return Reading(float(SCORES[gate.score](outputs)[0]), gate.threshold)


def _text(naming: Naming, familiar: bool, names: list[str]) -> str:
    """Args: names of the named breeds."""
    breeds = _or(names)
    if not familiar and naming.kind == "uncertain":
        return f"Perhaps a breed that the model does not know; of those it knows, it resembles {breeds} most."
    noun = GROUP_NOUNS.get(naming.group or "", "dog")
    texts: dict[Kind, str] = {
        "breed": f"Resembles {breeds}.",
        "probably": f"Probably {breeds}, by its looks.",
        "one_of": f"Resembles {breeds}.",
        "group": f"Resembles {article(noun)} {noun}, most of all {breeds}.",
        "uncertain": f"Not certain: it resembles {breeds} most.",
        "not_a_dog": "No dog was recognised in this photo.",
    }
    return texts[naming.kind]


def _or(names: list[str]) -> str:
    words = [f"{article(name)} {name}" for name in names]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)
