"""What `manage.py compare` found, for those who must know whether a bundle may replace another."""

from typing import Literal

from pydantic import Field

from dogbreed.strict_model import StrictModel

COMPARISON_FILE = "comparison.json"

Outcome = Literal["worse", "no_different", "better"]


class ComparisonResult(StrictModel):
    """`comparison.json`.

    Attributes:
        old, new: the digests of the two bundles: see `dogbreed.model.file_digests`.
        outcome: of the new one.
        reasons: sentences with the numbers that decided it.
        photos: how many the two were compared on.
    """

    format_version: Literal[1] = 1
    old: str = Field(pattern="^[0-9a-f]{64}$")
    new: str = Field(pattern="^[0-9a-f]{64}$")
    outcome: Outcome
    reasons: list[str]
    photos: int = Field(gt=0)
