"""How many photos a client may send in a time: `DOGBREED_THROTTLE`, or the rate of its API key."""

import math
import time
from ipaddress import IPv6Address, ip_network
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle

from api.addresses import client_address
from api.models import ApiKey
from api.shared_cache import without_errors

# For the middleware, which adds them to the response. The format is that of draft-ietf-httpapi-ratelimit-headers-10.
HEADERS = "dogbreed.rate_limit_headers"


class PhotoThrottle(ScopedRateThrottle):
    """Counts a request as one photo before it is read; `count_more` adds the others that were in it.

    A client has its whole quota at first, and then regains it evenly. This is the generic cell rate algorithm (ITU-T
    I.371): one number for each client, the time at which it has its whole quota again. A client's last permitted
    request may have up to 15 photos too many, and its next one has to wait for all. Between instances that share a
    cache, a few requests at the same moment can count as one.
    """

    _seconds: int | None = None  # in which a client may send `_count` photos; None if there is no limit
    _count = 0
    _wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = view.throttle_scope
        key_rate = request.auth.rate if isinstance(request.auth, ApiKey) else ""
        count, seconds = self.parse_rate(key_rate or self.get_rate())
        if not count or not seconds:
            return True
        return without_errors(lambda: self._count_one(request, view, count, seconds), otherwise=True)

    def _count_one(self, request: Request, view: Any, count: int, seconds: int) -> bool:
        self._request, self._key = request, self.get_cache_key(request, view)
        now, interval = time.time(), seconds / count
        self._full = max(cache.get(self._key, now), now)
        self._count, self._seconds = count, seconds
        self._wait = self._full + interval - seconds - now
        allowed = self._wait < interval / 1000  # rounding
        self._spend(1 if allowed else 0, now)
        return allowed

    def count_more(self, photos: int) -> None:
        """Counts photos of a request that was allowed, even if they are more than the quota."""
        if self._seconds is None or photos <= 0:
            return
        without_errors(lambda: self._spend(photos, time.time()), otherwise=None)

    def _spend(self, photos: int, now: float) -> None:
        """Keeps when the client has its whole quota again, and tells it what is left."""
        assert self._seconds is not None
        interval = self._seconds / self._count
        self._full += photos * interval
        if photos:
            cache.set(self._key, self._full, math.ceil(self._full - now) + 1)
        left = max(0, math.floor((self._seconds - (self._full - now)) / interval + 0.001))
        self._request.META[HEADERS] = {
            "RateLimit-Policy": f'"{self.scope}";q={self._count};w={self._seconds}',
            "RateLimit": f'"{self.scope}";r={left};t={math.ceil(self._full - now)}',
        }

    def wait(self) -> float:
        return self._wait

    def get_ident(self, request: Request) -> str:
        """The client's API key or address. An IPv6 client has a network of at least 64 bits to itself, which is one."""
        if isinstance(request.auth, ApiKey):
            return f"key-{request.auth.pk}"
        given = super().get_ident(request)
        address = client_address(given)
        if isinstance(address, IPv6Address):
            return str(ip_network((address, 64), strict=False).network_address)
        return str(address or given)
