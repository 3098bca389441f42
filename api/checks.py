"""System checks: problems that an operator should know about before the first request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

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
