"""Whether a request's body is worth receiving, as its headers say."""

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.urls import Resolver404, resolve
from gunicorn.http.message import Request
from rest_framework.utils.mediatypes import media_type_matches

PHOTOS = "predictions"  # the `throttle_scope` of views that take photos


def is_body_wanted(request: Request) -> bool:
    """False if the body is too long for every view, or if its view has no such method or takes no such type.

    These requests are answered at once. Other views than those of Django REST framework take every type.
    """
    headers = dict(request.headers)
    if int(headers["CONTENT-LENGTH"]) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        return False
    view = _view(request)
    if view is None:
        return True
    takes = any(_is_of_type(parser.media_type, headers.get("CONTENT-TYPE", "")) for parser in view.parser_classes)
    return takes and hasattr(view, request.method.lower())


def brings_photos(request: Request) -> bool:
    """Whether it is a POST to a view whose photos are counted."""
    return request.method == "POST" and getattr(_view(request), "throttle_scope", "") == PHOTOS


def _view(request: Request) -> Any:
    """The class of a view of Django REST framework; None for other views, and where there is none."""
    try:
        return getattr(resolve(unquote(request.path)).func, "cls", None)
    except Resolver404:
        return None


def _is_of_type(media_type: str, content_type: str) -> bool:
    try:
        return media_type_matches(media_type, content_type)
    except (LookupError, ValueError):  # a parameter in an encoding that does not exist
        return False
