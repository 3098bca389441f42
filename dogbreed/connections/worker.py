"""gunicorn's gthread worker, for a server that is open to everyone."""

import logging
import select
import socket
from contextlib import suppress
from typing import Any
from uuid import uuid4

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from dogbreed.connections.refusals import SERVER_ERROR, refusal_of

logger = logging.getLogger("dogbreed.connections")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A gthread worker that answers in JSON by itself, and that loses no request when it is stopped.

    gunicorn's own worker keeps its socket open until its last connection is closed, but accepts no more connections.
    Clients that connect in these seconds are reset in the end (gunicorn's issues 2409 and 3397), and a proxy cannot
    repeat a request that it has sent. This worker accepts what is waiting and closes the socket at once, so that a
    proxy uses another server.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        while self.sockets:
            listener = self.sockets.pop()
            while select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answers a request that is not HTTP, or whose handling failed outside the application."""
        refusal, request_id = refusal_of(exc), uuid4().hex
        if refusal is SERVER_ERROR:
            logger.error("The request %s failed outside the application", request_id, exc_info=exc)
        else:
            logger.warning("The request %s was refused with %d: %s", request_id, refusal.status, exc)
        with suppress(OSError):  # the client has disconnected
            client.setblocking(False)  # a client that reads nothing does not hold this thread
            client.sendall(refusal.response(request_id))
