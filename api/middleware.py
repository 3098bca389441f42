"""What the API does around every request."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponseBase
from django.http.request import UnreadablePostError

PIECE_BYTES = 64 * 1024
LONGEST_REST_BYTES = 256 * 1024 * 1024  # longer than any camera's photo; whoever sends more may lose the answer


def read_the_rest(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Reads and throws away what an early refusal has left of the request.

    A client is still sending then. Were the connection closed on it, it would see a broken pipe and never the answer
    that says what is wrong.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        rest = LONGEST_REST_BYTES
        with suppress(UnreadablePostError):  # the client has gone
            while rest > 0 and (piece := request.read(PIECE_BYTES)):
                rest -= len(piece)
        return response

    return middleware
