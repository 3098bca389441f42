"""The base class of everything that is read from JSON."""

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A section of a bundle's JSON. Unknown keys are refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
