"""System checks: problems that an operator should know about before the first request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from api.gallery import MANIFEST_FILE, GalleryError, read_gallery
from dogbreed.model.bundle import BundleError
from dogbreed.model.serving_source import serving_source
from dogbreed.model.store import Store, StoreError, not_followed, served_bundle

SERVED_INSTEAD = "A server that starts serves that of DOGBREED_BUNDLE instead. See: manage.py models."


@register()
def check_bundle(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns if the bundle cannot be read. An error would also stop `manage.py train`, which can make a bundle."""
    source = serving_source()
    try:
        served = Store(source.store).read()
        served_bundle(source, served)
    except StoreError as error:
        return [Warning(str(error), hint="See: manage.py models.", id="dogbreed.W003")]
    except BundleError as error:
        hint = "Predictions answer 503 until then. Set DOGBREED_BUNDLE to the folder of an exported model."
        return [Warning(str(error), hint=SERVED_INSTEAD if served.bundle else hint, id="dogbreed.W001")]
    ignored = not_followed(source, served)
    return [Warning(ignored, hint="See: manage.py models.", id="dogbreed.W003")] if ignored else []


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
