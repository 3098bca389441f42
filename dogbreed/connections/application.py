"""Django's WSGI application, with requests whose headers cannot make it fail."""

import codecs
from contextlib import suppress
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

# Python also calls base64, zlib and others that decode no text a codec; Django would use those.
CHARSETS = {"ascii", "cp1252", "iso8859-1", "utf-8"}


class Request(WSGIRequest):
    """A request whose charset is one of text. Others are ignored, as Django ignores those that it does not know."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):  # a parameter in an encoding that does not exist, or too long a header
            meta["CONTENT_TYPE"] = self.content_type = ""
            self.content_params = {}
        with suppress(LookupError, ValueError):
            if codecs.lookup(charset := self.content_params.get("charset", "")).name in CHARSETS:
                # Django's own setter would read the query already, and what it raises would have no handler here.
                self._encoding = charset


class Application(WSGIHandler):
    request_class = Request


def application() -> Application:
    """Sets Django up."""
    django.setup(set_prefix=False)
    return Application()
