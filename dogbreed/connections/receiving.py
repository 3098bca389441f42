"""A request while it arrives: no thread waits for it, and a client that stalls is given up.

The times follow what Apache's mod_reqtimeout and nginx do by default, as whole numbers.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from gunicorn.http import errors
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.message import Request
from gunicorn.http.unreader import Unreader

HEAD_SECONDS = 10  # from the connection, or the first byte of a later request, to the end of the headers
MAX_HEAD_BYTES = 64 * 1024  # all headers; gunicorn limits each to 8 kB and their number to 100
# A body has to bring this many bytes in each period (2 kB/s), or end in it. What was sent faster before is no credit.
PERIOD_SECONDS = 20
PERIOD_BYTES = 40 * 1024


class BodyNotReceived(Exception):  # noqa: N818 - it is the request's state, not a failure
    """A view reads a body that the server has not received, because its length or its type is refused.

    `length` is its Content-Length; None if it is chunked.
    """

    def __init__(self, length: int | None) -> None:
        super().__init__("The body was not received.")
        self.length = length


class Received(Unreader):  # type: ignore[misc]  # gunicorn has no types
    """The bytes that have arrived, in place of a socket: the end is reached where a socket would wait."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: deque[bytes] = deque()

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def chunk(self, size_hint: int | None = None) -> bytes:
        return self._pieces.popleft() if self._pieces else b""


class Unreadable:
    """The reader of a body that was not received."""

    def __init__(self, length: int | None) -> None:
        self._length = length

    def read(self, size: int) -> bytes:
        raise BodyNotReceived(self._length)


class Incoming:
    """One request of a connection. `wanted` tells from the headers whether its body has to be received.

    It is complete when the application can answer it: with its whole body; with its headers if they decide; or with an
    `error` of the parser. `rest` are bytes of the client's next request.
    """

    def __init__(self, cfg: Any, client: Any, wanted: Callable[[Request], bool], now: float) -> None:
        self._cfg, self._client, self._wanted = cfg, client, wanted
        self._head, self._received = bytearray(), Received()
        self._period_bytes = 0
        self.request: Request | None = None
        self.error: Exception | None = None
        self.missing = 0  # bytes of the body
        self.size = 0  # bytes that have arrived
        self.rest = b""
        self.period_started = now
        self.deadline = now + HEAD_SECONDS

    @property
    def complete(self) -> bool:
        return self.error is not None or (self.request is not None and self.missing == 0)

    def add(self, data: bytes, now: float) -> None:
        """Takes bytes from the connection. Times are those of `time.monotonic`, in seconds."""
        self.size += len(data)
        if self.request is None:
            self._add_to_head(data, now)
        else:
            self._add_to_body(data, now)

    def expects_continue(self) -> bool:
        """Whether the client waits for `100 Continue` before it sends the body; true once."""
        if self.request is None or not self.request._expected_100_continue:
            return False
        self.request._expected_100_continue = False  # gunicorn would send it when the application is called
        return self.missing > 0

    def _add_to_head(self, data: bytes, now: float) -> None:
        searched = max(0, len(self._head) - 3)
        self._head += data
        end = self._head.find(b"\r\n\r\n", searched)
        if end < 0 and len(self._head) <= MAX_HEAD_BYTES and not self._has_bare_line_feed():
            return
        end = end + 4 if end >= 0 else len(self._head)
        self._received.add(bytes(self._head[:end]))
        body = bytes(self._head[end:])
        self._head.clear()
        try:
            self.request = Request(self._cfg, self._received, self._client)
            self._begin_body(body, now)
        except (errors.NoMoreData, StopIteration):
            self.error = errors.LimitRequestHeaders("limit request headers size")
        except Exception as error:  # a thread raises it again and reports it: the main loop has to go on
            self.error = error

    def _has_bare_line_feed(self) -> bool:
        """Such a head never ends; the parser refuses it."""
        return self._head.count(b"\n") != self._head.count(b"\r\n")

    def _begin_body(self, data: bytes, now: float) -> None:
        assert self.request is not None
        self.period_started, self.deadline = now, now + PERIOD_SECONDS
        reader = self.request.body.reader
        if isinstance(reader, ChunkedReader):
            self._refuse_body(None)
        elif reader.length > len(data) and not self._wanted(self.request):
            self._refuse_body(reader.length)
        else:
            self.missing = reader.length
            self._add_to_body(data, now)

    def _refuse_body(self, length: int | None) -> None:
        """The application answers without the body, and the connection closes."""
        assert self.request is not None
        self.request.body = Body(Unreadable(length))
        self.request._expected_100_continue = False
        self.request.force_close()

    def _add_to_body(self, data: bytes, now: float) -> None:
        if len(data) > self.missing:
            data, self.rest = data[: self.missing], data[self.missing :]
        if data:
            self._received.add(data)
        self.missing -= len(data)
        self._period_bytes += len(data)
        if self._period_bytes >= PERIOD_BYTES:
            self._period_bytes = 0
            self.period_started, self.deadline = now, now + PERIOD_SECONDS


class Arrived:
    """A complete request, in place of gunicorn's parser of a connection."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming: Incoming | None = incoming
        self.unreader = Unreader()
        self.unreader.unread(incoming.rest)

    def __next__(self) -> Request:
        if self._incoming is None:
            raise StopIteration
        if self._incoming.error is not None:
            raise self._incoming.error
        return self._incoming.request

    def finish_body(self, deadline: float) -> bool:
        """Forgets the request, and what the application has not read of it. True: the connection can be used again."""
        self._incoming = None
        return True
