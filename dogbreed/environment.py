"""Reads and checks environment variables. Only `settings.py` uses this module."""

import os
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import IPv6Address, ip_network
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from dogbreed.rates import is_rate

CACHE_SECONDS = 0.5  # a photo waits no longer for Redis
MAX_CACHE_ENTRIES = 100_000  # clients that a throttle remembers; each takes some hundred bytes


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def items(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def hosts(name: str, default: str) -> list[str]:
    """Host names and addresses. IPv6 addresses are in brackets, as in a URL, and may be given without."""
    values = items(name, default)
    for index, value in enumerate(values):
        with suppress(ValueError):
            values[index] = f"[{IPv6Address(value.strip('[]'))}]"
    return values


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, got {value!r}.")
    return value


def yes(name: str) -> bool:
    return choice(name, "no", ("no", "yes")) == "yes"


def number(name: str, default: int, at_least: int = 1) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < at_least:
        raise ImproperlyConfigured(f"{name} must be a whole number, {at_least} or more, got {value!r}.")
    return int(value)


def networks(name: str, default: str) -> list[str]:
    """Networks such as `10.0.0.0/8`, or single addresses."""
    values = items(name, default)
    for value in values:
        try:
            ip_network(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must list networks such as 10.0.0.0/8, got {value!r}.") from error
    return values


def rate(name: str) -> str | None:
    """A number per period, such as `60/min`; None means no limit."""
    value = text(name, "")
    if not value:
        return None
    if not is_rate(value):
        raise ImproperlyConfigured(f"{name} must be a rate such as 60/min or 1000/day, got {value!r}.")
    return value


def cache(name: str) -> dict[str, Any]:
    """One of Django's CACHES: in the process by default, or from `dbcache://TABLE` or `redis://HOST:PORT/NUMBER`.

    Django's own limit of 300 entries would make it forget clients.
    """
    value = text(name, "")
    scheme, _, place = value.partition("://")
    limits = {"OPTIONS": {"MAX_ENTRIES": MAX_CACHE_ENTRIES}}
    match scheme:
        case "":
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", **limits}
        case "dbcache" if place.isidentifier():
            return {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": place, **limits}
        case "redis" | "rediss" if place and find_spec("redis"):
            seconds = {"socket_connect_timeout": CACHE_SECONDS, "socket_timeout": CACHE_SECONDS}
            return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value, "OPTIONS": seconds}
        case "redis" | "rediss" if place:
            raise ImproperlyConfigured(f"{name} names Redis, but its client is not installed: pip install redis.")
        case _:
            raise ImproperlyConfigured(f"{name} must be dbcache://TABLE or redis://HOST:PORT/NUMBER, got {value!r}.")
