"""The cache that instances may share: `DOGBREED_CACHE_URL`. Photos are answered without it too."""

import logging
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)


def without_errors(use: Callable[[], T], otherwise: T) -> T:
    """What `use` returns; `otherwise` if the cache cannot be used. Each kind of cache has errors of its own."""
    try:
        return use()
    except Exception:
        logger.warning("The cache of DOGBREED_CACHE_URL cannot be used, so no request is counted", exc_info=True)
        return otherwise
