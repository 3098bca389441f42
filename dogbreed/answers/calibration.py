"""A bundle's calibration: numbers fitted on validation photos that say how reliable the network's answers are."""

from typing import Any, Literal

from pydantic import Field, model_validator

from dogbreed.strict_model import StrictModel

ScoreName = Literal["imagenet", "known_breed", "cosine", "energy", "max_logit", "max_probability"]
Kind = Literal["breed", "probably", "one_of", "group", "uncertain", "not_a_dog"]


def _without(data: Any, retired: str) -> Any:
    """The data of a section without a key that bundles of earlier versions have and that nothing here reads."""
    return {key: value for key, value in data.items() if key != retired} if isinstance(data, dict) else data


class Shortlist(StrictModel):
    """Regularized adaptive prediction sets (RAPS: Angelopoulos et al. 2021): see `dogbreed.answers.shortlists`."""

    coverage: float = Field(gt=0, lt=1, description="The promised share of photos whose breed is in the list.")
    penalty: float = Field(ge=0, description="Added for each more probable breed: keeps lists short.")
    threshold: float
    photos: int = Field(gt=0, description="Number of photos that the threshold was fitted on.")

    @model_validator(mode="before")
    @classmethod
    def ignore_alternatives(cls, data: Any) -> Any:
        return _without(data, "alternatives")


class Gate(StrictModel):
    """A photo passes if its score reaches the threshold: see `dogbreed.answers.scores`."""

    score: ScoreName
    threshold: float
    kept: float = Field(gt=0, lt=1, description="The promised share of photos of the model's breeds that pass.")
    photos: int = Field(gt=0, description="Number of photos that the threshold was fitted on.")


class MeasuredKind(StrictModel):
    """How many verdicts of one kind were right on the photos that the thresholds were fitted on."""

    right: int = Field(ge=0, description="How many of these verdicts were right.")
    photos: int = Field(gt=0, description="How many photos got such a verdict.")


class TaughtThresholds(StrictModel):
    """Of a breed that was taught from a few photos: the least probabilities at which it is named alone."""

    photos: int = Field(gt=0, description="Number of photos that it was taught from.")
    breed: float = Field(gt=0)
    probably: float = Field(gt=0)


class VerdictThresholds(StrictModel):
    """The least probability at which each kind of verdict is given: see `dogbreed.answers.verdict`.

    A threshold above 1, or none, means that this kind is never given. Bundles of earlier versions have `breed` and
    `group` alone.
    """

    precision: float = Field(gt=0, lt=1, description="The promised share of named breeds or groups that are right.")
    breed: float = Field(gt=0)
    probably: float | None = Field(default=None, gt=0)
    one_of: float | None = Field(default=None, gt=0)
    group: float = Field(gt=0)
    photos: int = Field(gt=0, description="Number of photos that the thresholds were fitted on.")
    measured: dict[Kind, MeasuredKind] = Field(default={}, description="By kind of verdict, on these photos.")
    taught: dict[str, TaughtThresholds] = Field(default={}, description="By label, of breeds that were taught.")


class SameDog(StrictModel):
    """How photos of one dog are combined: see `dogbreed.answers.combining`.

    Two photos depend on each other as much as their answers are correlated: `least` up to the correlation
    `independent`, then more and more, and completely from the correlation `same` on.
    """

    least: float = Field(ge=0, le=1, description="How much any two photos of one dog depend on each other.")
    independent: float = Field(gt=-1, lt=1, description="The correlation up to which the dependence is `least`.")
    same: float = Field(gt=-1, le=1, description="The correlation from which two photos count as one.")
    apart: float = Field(
        gt=0, le=1, description="The Jensen-Shannon divergence, in bits, from which two dogs seem to differ."
    )
    kept: float = Field(gt=0, lt=1, description="The share of pairs of a breed that diverge less.")
    pairs: int = Field(gt=0, description="Number of pairs of photos that this was fitted on.")

    @model_validator(mode="after")
    def rises(self) -> "SameDog":
        if self.independent >= self.same:
            raise ValueError("independent must be less than same")
        return self


class Calibration(StrictModel):
    """How logits become probabilities, softmax(logits / temperature), and the thresholds that are applied to them.

    A bundle of an earlier version may have a temperature alone, or `gates` and `alternatives`, which are ignored here:
    the trainer's report reads them (`trainer.calibration.alternatives`).
    """

    temperature: float = Field(default=1.0, gt=0)
    shortlist: Shortlist | None = None
    verdict: VerdictThresholds | None = None
    dog: Gate | None = Field(default=None, description="A photo that does not pass shows no dog.")
    familiar: Gate | None = Field(default=None, description="A dog that does not pass may be of an unknown breed.")
    same_dog: SameDog | None = Field(default=None, description="How several photos of one dog are combined.")

    @model_validator(mode="before")
    @classmethod
    def ignore_gates(cls, data: Any) -> Any:
        return _without(data, "gates")


class LookAlikePair(StrictModel):
    """How often the model told two breeds apart on photos of either, going by the logits of these two alone.

    `breeds` are class indices. `accuracy` and `interval` (95 %) combine the counts with the model's own probabilities,
    because a few dozen photos say little: see `trainer.calibration.look_alikes`.
    """

    breeds: tuple[int, int]
    photos: int = Field(gt=0)
    told_apart: int = Field(ge=0)
    accuracy: float = Field(ge=0, le=1)
    interval: tuple[float, float]


class LookAlikes(StrictModel):
    """`look_alikes.json`: the pairs of breeds that are sometimes confused. Other pairs almost never are."""

    description: str
    pairs: list[LookAlikePair]
