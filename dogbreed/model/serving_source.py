"""Where a server's bundles come from, and how they are run: the settings in one value."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class ServingSource:
    """The settings that decide what is served.

    Attributes:
        configured: DOGBREED_BUNDLE, which is served until a bundle is promoted.
        store: the folder of promoted bundles: see `dogbreed.model.store`.
        key: DOGBREED_BUNDLE_KEY, by which a bundle must be signed; None if none need be.
        compiled: the folder of compiled networks; None where bundles must be signed, because a signature covers none.
    """

    configured: Path
    store: Path
    key: Path | None
    precision: str
    engine: str
    compiled: Path | None = None


def serving_source() -> ServingSource:
    """By the settings as they are now."""
    return ServingSource(
        Path(settings.DOGBREED_BUNDLE),
        Path(settings.DOGBREED_MODELS),
        Path(settings.DOGBREED_BUNDLE_KEY) if settings.DOGBREED_BUNDLE_KEY else None,
        settings.DOGBREED_PRECISION,
        settings.DOGBREED_ENGINE,
        None if settings.DOGBREED_BUNDLE_KEY else Path(settings.DOGBREED_COMPILED),
    )
