"""A name for each request, and a line in the log when it is answered."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
ACCEPTABLE = re.compile(r"[\w.:-]{1,100}", re.ASCII)  # what a proxy sent is written into logs and headers
UNLOGGED = ("/api/health/", "/metrics")  # asked every few seconds, for ever

request_id: ContextVar[str] = ContextVar("request_id", default="")

logger = logging.getLogger("dogbreed.requests")


class WithRequestId(logging.Filter):
    """Gives every record of the log the id of the request in which it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def name_and_log(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Takes over the id that a proxy gave a request, or gives it one; the answer carries it too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if ACCEPTABLE.fullmatch(given) else uuid4().hex)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response.headers[HEADER] = request_id.get()
            _log(request, response.status_code, time.perf_counter() - started)
            return response
        finally:
            request_id.reset(token)

    return middleware


def _log(request: HttpRequest, status: int, seconds: float) -> None:
    if request.path.startswith(UNLOGGED):
        return
    figures = {"method": request.method, "path": request.path, "status": status, "ms": round(seconds * 1000, 1)}
    logger.info("%(method)s %(path)s %(status)d in %(ms).1f ms", figures, extra=figures)
