"""Answers to requests that never reach the application, in the format of the API."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from django.dispatch import Signal
from gunicorn.http import errors

photos_refused = Signal()  # a request that brings photos was refused before the application; `code` says why


@dataclass(frozen=True)
class Refusal:
    """An error of the server itself: `code` for programs, `detail` for people."""

    status: HTTPStatus
    code: str
    detail: str
    headers: str = ""  # more header lines, each with its line end

    def response(self, request_id: str) -> bytes:
        """The whole HTTP response. The connection closes after it."""
        body = json.dumps({"code": self.code, "detail": self.detail}).encode()
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Request-ID: {request_id}\r\n{self.headers}Connection: close\r\n\r\n"
        )
        return head.encode() + body


BAD_REQUEST = Refusal(
    HTTPStatus.BAD_REQUEST, "bad_request", "The request is not well-formed HTTP. Check its first line and its headers."
)
URI_TOO_LONG = Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, "uri_too_long", "The address is too long. Shorten it.")
HEADERS_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers_too_large",
    "The headers are too many or too long. Send fewer or shorter ones.",
)
EXPECTATION_FAILED = Refusal(
    HTTPStatus.EXPECTATION_FAILED,
    "expectation_failed",
    "The header Expect can only be 100-continue. Correct it or leave it out.",
)
NOT_IMPLEMENTED = Refusal(
    HTTPStatus.NOT_IMPLEMENTED,
    "not_implemented",
    "This Transfer-Encoding is not supported. Send the body as it is, with a Content-Length header.",
)
REQUEST_TIMEOUT = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "request_timeout",
    "The request arrived too slowly. Send it again, with a smaller photo or over a faster connection.",
)
BUSY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "busy",
    "Too many photos are being sent to this server. Try again soon.",
    "Retry-After: 1\r\n",
)
NOT_FOUND = Refusal(HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")
SERVER_ERROR = Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "server_error",
    "An internal error occurred; the photo is not the cause. Details are in the server's log.",
)

# What gunicorn's parser raises. Each row also covers the classes derived from its exception; the first match counts.
OF_PARSER = {
    errors.InvalidResponseHeader: SERVER_ERROR,  # the application's own header
    errors.InvalidResponseHeaderName: SERVER_ERROR,
    errors.ConfigurationProblem: NOT_FOUND,  # outside the folder that the operator's SCRIPT_NAME gives
    errors.LimitRequestLine: URI_TOO_LONG,
    errors.LimitRequestHeaders: HEADERS_TOO_LARGE,
    errors.ExpectationFailed: EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: NOT_IMPLEMENTED,
    errors.ParseException: BAD_REQUEST,
}


def refusal_of(error: BaseException) -> Refusal:
    """The answer to a request whose parsing, or whose whole handling, ended with this exception."""
    return next((refusal for kind, refusal in OF_PARSER.items() if isinstance(error, kind)), SERVER_ERROR)
