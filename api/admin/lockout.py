"""Who tries to log in to the admin site."""

from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle


def client_address(request: HttpRequest) -> str | None:
    """For the lockout: the address that the proxies give (DOGBREED_PROXIES), as for throttling."""
    address: str | None = BaseThrottle().get_ident(request)  # type: ignore[arg-type] # it needs only META
    return address or None  # a Unix socket has none
