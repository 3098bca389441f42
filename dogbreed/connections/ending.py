"""The end of a connection: the client may still be sending, and would not see its answer after a reset.

nginx does the same and calls it lingering.
"""

import socket
from contextlib import suppress

LINGER_SECONDS = 30
IDLE_SECONDS = 5
LINGER_BYTES = 256 * 1024 * 1024  # larger than any camera's photo


class Ending:
    """How long a connection whose answer is complete is still read. Times are those of `time.monotonic`, in seconds."""

    def __init__(self, now: float) -> None:
        self._last = now + LINGER_SECONDS
        self._left = LINGER_BYTES
        self.deadline = now + IDLE_SECONDS

    def has_sent(self, size: int, now: float) -> None:
        """The client has sent so many bytes more."""
        self._left -= size
        self.deadline = min(self._last, now + IDLE_SECONDS) if self._left > 0 else now


def send_at_once(client: socket.socket, response: bytes) -> None:
    """Sends what fits into the socket's buffer: a client that reads nothing, or has left, holds nobody up."""
    with suppress(OSError):
        client.setblocking(False)
        client.send(response)
