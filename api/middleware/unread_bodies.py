"""The part of a request's body that no view has read."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponseBase
from django.http.request import UnreadablePostError

CHUNK_BYTES = 64 * 1024
MAX_BYTES = 256 * 1024 * 1024  # larger than any camera's photo; clients that send more may not get the response


def read_unread_body(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Reads and discards what is left of a request that was refused early.

    The client is still sending at that point. If the connection were closed, the client would report a broken pipe
    and never show the response that says what is wrong.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        left = MAX_BYTES
        with suppress(UnreadablePostError):  # the client has disconnected
            while left > 0 and (chunk := request.read(CHUNK_BYTES)):
                left -= len(chunk)
        return response

    return middleware
