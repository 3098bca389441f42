"""API keys of clients, `Authorization: Bearer dogbreed_…`. `DOGBREED_API_KEYS` says whether they are used.

The keys are random numbers of 256 bits, so that a single SHA-256 hides them as well as a slow hash of passwords would.
"""

import hashlib
import logging
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request

from api.exceptions import BadKey, KeysUnavailable
from api.models import ApiKey

OFF, REQUIRED = "off", "required"  # values of DOGBREED_API_KEYS; the third is "optional"
PREFIX = "dogbreed_"  # programs that search for leaked secrets recognize keys by it
SCHEME = "Bearer"

logger = logging.getLogger(__name__)


def draw_key(row: ApiKey) -> str:
    """Draws a key for a new row, which gets its digest. Nobody can find the key out later."""
    key = PREFIX + secrets.token_urlsafe(32)
    row.digest = _digest(key)
    return key


class KeyAuthentication(BaseAuthentication):
    """Finds the row of a request's key, as `request.auth`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.decode("latin-1").lower() != SCHEME.lower():
            return None
        try:
            row = ApiKey.objects.filter(digest=_digest(key.strip().decode("latin-1")), active=True).first()
        except (OperationalError, InterfaceError) as error:
            logger.warning("API keys cannot be checked: %s", error)
            raise KeysUnavailable from error
        if row is None:
            raise BadKey
        return AnonymousUser(), row

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class HasKey(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ApiKey)


def authenticators() -> list[BaseAuthentication]:
    return [] if settings.DOGBREED_API_KEYS == OFF else [KeyAuthentication()]


def permissions(sends_photos: bool) -> list[BasePermission]:
    """What a client needs. `AllowAny` tells the schema that a key is optional."""
    if settings.DOGBREED_API_KEYS == OFF:
        return []
    return [HasKey() if settings.DOGBREED_API_KEYS == REQUIRED and sends_photos else AllowAny()]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
