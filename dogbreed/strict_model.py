"""The base of all that is read from JSON."""

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A piece of a bundle's JSON: unknown keys are refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
