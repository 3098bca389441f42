"""What the views have in common to which clients send photos."""

from typing import Any

from django.utils.functional import cached_property
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission

from api import keys
from api.throttling import PhotoThrottle


class PhotoView(GenericAPIView[Any]):
    """Its POST counts for `DOGBREED_THROTTLE`, and may need an API key."""

    throttle_scope = "predictions"

    @cached_property
    def throttle(self) -> PhotoThrottle:
        return PhotoThrottle()

    def get_throttles(self) -> list[Any]:
        return [self.throttle] if self.request.method == "POST" else []

    def get_authenticators(self) -> list[BaseAuthentication]:
        return keys.authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return keys.permissions(sends_photos=self.request.method == "POST")
