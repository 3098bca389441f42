"""An id for each request, and one log line when it is answered."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
ACCEPTABLE = re.compile(r"[\w.:-]{1,100}", re.ASCII)  # an id from a proxy is written into logs and headers
UNLOGGED = ("/api/health/", "/metrics")  # requested every few seconds by probes

request_id: ContextVar[str] = ContextVar("request_id", default="")

logger = logging.getLogger("dogbreed.requests")


class WithRequestId(logging.Filter):
    """Adds the current request's id to every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def identify(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Uses the id that a proxy gave the request, or makes one; the response carries it too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if ACCEPTABLE.fullmatch(given) else uuid4().hex)
        try:
            response = get_response(request)
            response.headers[HEADER] = request_id.get()
            return response
        finally:
            request_id.reset(token)

    return middleware


def log(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Writes a line when a request is answered."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = get_response(request)
        _log(request, response.status_code, time.perf_counter() - started)
        return response

    return middleware


def _log(request: HttpRequest, status: int, seconds: float) -> None:
    if request.path.startswith(UNLOGGED):
        return
    fields = {"method": request.method, "path": request.path, "status": status, "ms": round(seconds * 1000, 1)}
    logger.info("%(method)s %(path)s %(status)d in %(ms).1f ms", fields, extra=fields)
