"""System checks: problems that an operator should know about before the first request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from api.gallery import MANIFEST_FILE, GalleryError, read_gallery
from dogbreed.model.bundle import BundleError, read_bundle


@register()
def check_bundle(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns if the bundle cannot be read. An error would also stop `manage.py train`, which can make a bundle."""
    try:
        read_bundle(Path(settings.DOGBREED_BUNDLE))
    except BundleError as error:
        return [
            Warning(
                str(error),
                hint="Predictions answer 503 until then. Set DOGBREED_BUNDLE to the folder of an exported model.",
                id="dogbreed.W001",
            )
        ]
    return []


@register()
def check_gallery(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns if there should be photos of breeds and their manifest cannot be read."""
    if settings.DOGBREED_GALLERY is None:
        return []
    try:
        read_gallery(Path(settings.DOGBREED_GALLERY) / MANIFEST_FILE)
    except GalleryError as error:
        hint = "The page shows no photos of breeds. Set DOGBREED_GALLERY to a folder that `manage.py collect` wrote."
        return [Warning(str(error), hint=hint, id="dogbreed.W002")]
    return []
