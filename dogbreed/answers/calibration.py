"""What a bundle knows of how far its network may be believed: numbers found on photos that it did not learn from."""

from typing import Literal

from pydantic import Field

from dogbreed.strict_model import StrictModel

ScoreName = Literal["imagenet", "cosine", "energy", "max_logit", "max_probability"]


class SetMethod(StrictModel):
    """Another way to make prediction sets, for comparison: LAC takes what is probable enough, whatever comes before."""

    method: Literal["LAC", "APS", "RAPS"]
    penalty: float = Field(ge=0)
    threshold: float


class Shortlist(StrictModel):
    """Regularized adaptive prediction sets (RAPS: Angelopoulos et al. 2021): see `dogbreed.answers.shortlists`."""

    coverage: float = Field(gt=0, lt=1, description="The share of photos whose breed is to be in the list.")
    penalty: float = Field(ge=0, description="Added for each breed that is listed before: keeps lists short.")
    threshold: float
    photos: int = Field(gt=0, description="That the threshold was found on.")
    alternatives: list[SetMethod] = Field(default=[], description="Other methods, calibrated alike, to compare with.")


class Gate(StrictModel):
    """Photos whose score is below the threshold do not pass: see `dogbreed.answers.scores`."""

    score: ScoreName
    threshold: float
    kept: float = Field(gt=0, lt=1, description="The share of the model's own breeds' photos that is to pass.")
    photos: int = Field(gt=0, description="That the threshold was found on.")


class VerdictThresholds(StrictModel):
    """From which probability on a breed is named, and else a group of breeds."""

    precision: float = Field(gt=0, lt=1, description="The share that is to be right of what is named, at either level.")
    breed: float = Field(gt=0, description="Above 1: nothing is ever named at this level.")
    group: float = Field(gt=0, description="Above 1: nothing is ever named at this level.")
    photos: int = Field(gt=0, description="That the thresholds were found on.")


class Calibration(StrictModel):
    """How logits become probabilities, softmax(logits / temperature), and what may be concluded from them.

    A bundle of an earlier version has a temperature alone.
    """

    temperature: float = Field(default=1.0, gt=0)
    shortlist: Shortlist | None = None
    verdict: VerdictThresholds | None = None
    dog: Gate | None = Field(default=None, description="What does not pass shows no dog.")
    gates: list[Gate] = Field(default=[], description="Every score that the network gives, to compare with.")
    familiar: Gate | None = Field(default=None, description="What does not pass may be of a breed that is not ours.")


class LookAlikePair(StrictModel):
    """How often the model told two breeds apart on photos of either, whatever else it thought of.

    `breeds` are class indices. `accuracy` and `interval` (95 %) are estimates that count in how similar pairs fared,
    because a few dozen photos say little: see `trainer.calibration.look_alikes`.
    """

    breeds: tuple[int, int]
    photos: int = Field(gt=0)
    told_apart: int = Field(ge=0)
    accuracy: float = Field(ge=0, le=1)
    interval: tuple[float, float]


class LookAlikes(StrictModel):
    """`look_alikes.json`: the pairs that are confused now and then; others are told apart as good as always."""

    description: str
    pairs: list[LookAlikePair]
