"""`golden.json`: the outputs that an engine must reproduce before it serves a bundle."""

from typing import Self

from pydantic import Base64Bytes, Field, model_validator

from dogbreed.model.precision import Precision
from dogbreed.strict_model import StrictModel


class GoldenCase(StrictModel):
    """The outputs for `golden_input(seed)`: PyTorch's, or for an int8 network those of its graph run node by node.

    `dog` is None if the network has no such output.
    """

    seed: int = Field(ge=0, lt=2**32)
    logits: list[float]
    dog: float | None = None


class GoldenPhoto(StrictModel):
    """A synthetic photo as a file, the means of its network input over a grid, and its logits."""

    name: str
    file: Base64Bytes
    input_means: list[float] = Field(description="`block_means` of the input, flattened.")
    logits: list[float]


class Int8Golden(StrictModel):
    """What the int8 network computes for the seeds and the photos of `Golden`: see there."""

    tolerance: float
    cases: list[GoldenCase] = Field(min_length=1)
    photo_tolerance: float
    photo_logits: list[list[float]] = Field(description="In the order of `Golden.photos`.")


class Golden(StrictModel):
    """`golden.json`: the outputs that an engine must reproduce, and how closely, before it serves.

    `tolerance` is the largest allowed absolute difference of a logit, by precision of the engine. `photo_tolerance` is
    the same for photos, whose decoded pixels may differ by a grey level between libraries. `input_tolerance` is the
    largest allowed difference of a mean of the input.
    """

    tolerance: dict[Precision, float]
    cases: list[GoldenCase] = Field(min_length=1)
    photo_tolerance: dict[Precision, float] = {}
    input_tolerance: float = Field(default=0.0, ge=0)
    photos: list[GoldenPhoto] = []
    int8: Int8Golden | None = None

    @model_validator(mode="after")
    def check_photos(self) -> Self:
        if self.int8 and len(self.int8.photo_logits) != len(self.photos):
            raise ValueError(f"int8 has logits for {len(self.int8.photo_logits)} of {len(self.photos)} photos")
        return self

    def of(self, precision: Precision) -> "Golden":
        """What a network in this precision must reproduce."""
        if precision != "int8" or self.int8 is None:
            return self
        photos = zip(self.photos, self.int8.photo_logits, strict=True)
        return Golden(
            tolerance={"int8": self.int8.tolerance},
            cases=self.int8.cases,
            photo_tolerance={"int8": self.int8.photo_tolerance},
            input_tolerance=self.input_tolerance,
            photos=[photo.model_copy(update={"logits": logits}) for photo, logits in photos],
        )
