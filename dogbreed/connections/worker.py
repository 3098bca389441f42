"""gunicorn's gthread worker, for a server that is open to everyone."""

import logging
import select
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from errno import EMFILE, ENFILE
from selectors import EVENT_READ
from typing import Any
from uuid import uuid4

from django.conf import settings
from gunicorn.errors import ConfigError
from gunicorn.http.message import Request
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from dogbreed.connections.ending import Ending, send_at_once
from dogbreed.connections.receiving import Arrived, Incoming
from dogbreed.connections.refusals import BUSY, REQUEST_TIMEOUT, SERVER_ERROR, Refusal, photos_refused, refusal_of
from dogbreed.connections.wanted import brings_photos, is_body_wanted

RECEIVE_BYTES = 256 * 1024  # at once
RECEIVE_TIMES = 16  # then the other connections have their turn
MAX_HELD_BYTES = 256 * 1024 * 1024  # of all requests in this process, those that wait for a thread included
SEND_SECONDS = 30  # a client that takes nothing of its answer for so long is given up
PROBES = "/api/health/"  # have threads of their own
PROBE_THREADS = 4
CHECK_SECONDS = 0.5  # how often deadlines are checked

Connection = Any  # gunicorn.workers.gthread.TConn

logger = logging.getLogger("dogbreed.connections")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A gthread worker whose threads get only requests that have arrived, and that loses no request when it is stopped.

    gunicorn's own worker reads a request in a thread, so a few clients that stall occupy all threads. This one receives
    in its main loop, up to deadlines. Probes of the server's health have threads of their own.

    gunicorn's own worker keeps its socket open until its last connection is closed, but accepts no more connections.
    Clients that connect in these seconds are reset in the end (gunicorn's issues 2409 and 3397), and a proxy cannot
    repeat a request that it has sent. This worker accepts what is waiting and closes the socket at once, so that a
    proxy uses another server.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[Connection, Incoming] = {}
        self._arrived: dict[Connection, Incoming] = {}  # in a thread, or waiting for one
        self._ending: dict[Connection, Ending] = {}
        self._held = 0  # bytes of all requests
        self._checked = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl or cfg.proxy_protocol != "off" or cfg.http_protocols != ["h1"]:
            raise ConfigError("This worker speaks HTTP/1.1 without TLS. A proxy in front adds what else is needed.")
        super().check_config(cfg, log)

    def init_process(self) -> None:
        self._probe_pool = ThreadPoolExecutor(PROBE_THREADS)
        super().init_process()

    # Accepting

    def accept(self, listener: socket.socket) -> None:
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in (EMFILE, ENFILE):
                raise
            self._make_room()  # the process may open no more files

    def _make_room(self) -> None:
        """Closes the connection that has waited longest, so that new ones are still accepted."""
        if self._ending:
            self._close(next(iter(self._ending)))
        elif self._arriving:
            self._close(min(self._arriving, key=lambda conn: self._arriving[conn].deadline))
        elif self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0
            self.murder_keepalived()

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        while self.sockets:
            listener = self.sockets.pop()
            while select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()
        for incoming in self._arriving.values():
            if not incoming.size:
                incoming.deadline = min(incoming.deadline, time.monotonic() + STOP_KEEPALIVE_LINGER)

    # Receiving

    def enqueue_req(self, conn: Connection) -> None:
        """Receives a request, and then gives the connection to a thread."""
        conn.sock.setblocking(False)
        self._arriving[conn] = Incoming(self.cfg, conn.client, is_body_wanted, time.monotonic())
        sent_ahead = conn.parser.unreader.take_buffered() if conn.parser else b""
        self._receive(conn, sent_ahead)
        if conn in self._arriving:
            self.poller.register(conn.sock, EVENT_READ, lambda _: self._receive(conn))

    def _receive(self, conn: Connection, data: bytes = b"") -> None:
        incoming = self._arriving[conn]
        try:
            for _ in range(RECEIVE_TIMES):
                if not (data := data or conn.sock.recv(RECEIVE_BYTES)):
                    self._close(conn)
                    return
                self._held += len(data)
                incoming.add(data, time.monotonic())
                data = b""
                if incoming.complete:
                    self._start(conn)
                    return
            self._keep_held_bytes_below_limit()
        except BlockingIOError:  # nothing more has arrived
            if incoming.expects_continue():
                send_at_once(conn.sock, b"HTTP/1.1 100 Continue\r\n\r\n")
            self._keep_held_bytes_below_limit()
        except OSError:  # the client has disconnected
            self._close(conn)

    def _keep_held_bytes_below_limit(self) -> None:
        """Refuses the clients that have held the most bytes for the longest time."""
        while self._held > MAX_HELD_BYTES and self._arriving:
            now = time.monotonic()
            sizes = {conn: one.size * (now - one.period_started) for conn, one in self._arriving.items()}
            self._refuse(max(sizes, key=sizes.__getitem__), BUSY)

    def _start(self, conn: Connection) -> None:
        if self._has_no_thread_for(self._arriving[conn].request):
            self._refuse(conn, BUSY)
            return
        incoming = self._leave(conn)
        self._arrived[conn] = incoming
        conn.parser, conn.initialized = Arrived(incoming), True
        is_probe = incoming.request is not None and incoming.request.path.startswith(PROBES)
        future = (self._probe_pool if is_probe else self.tpool).submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _has_no_thread_for(self, request: Request | None) -> bool:
        """Whether a photo would wait for a thread, only to be refused in it."""
        most = max(self.cfg.threads, settings.DOGBREED_MAX_PENDING)
        return len(self._arrived) >= most and request is not None and brings_photos(request)

    # Answering

    def handle_request(self, req: Any, conn: Connection) -> bool:
        conn.sock.settimeout(SEND_SECONDS)
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError:
            logger.info("A client did not take its answer for %d s", SEND_SECONDS)
            return False

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answers a request that is not HTTP, or whose handling failed outside the application."""
        refusal, request_id = refusal_of(exc), uuid4().hex
        if refusal is SERVER_ERROR:
            logger.error("The request %s failed outside the application", request_id, exc_info=exc)
        else:
            logger.warning("The request %s was refused with %d: %s", request_id, refusal.status, exc)
        send_at_once(client, refusal.response(request_id))

    def finish_request(self, conn: Connection, fs: "Future[bool]") -> None:
        self._held -= self._arrived.pop(conn).size
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)
        else:
            conn.parser = None  # what the application has not read of the request
            self._end(conn)

    # Ending

    def murder_pending(self) -> None:
        """Gives up clients whose time is over; gunicorn calls it after each round of its main loop."""
        now = time.monotonic()
        if now < self._checked + CHECK_SECONDS:
            return
        self._checked = now
        for conn, incoming in list(self._arriving.items()):
            if incoming.deadline <= now:
                if incoming.size:
                    self._refuse(conn, REQUEST_TIMEOUT)
                else:
                    self._close(conn)  # such as a browser's spare connection
        for conn, ending in list(self._ending.items()):
            if ending.deadline <= now:
                self._close(conn)

    def _refuse(self, conn: Connection, refusal: Refusal) -> None:
        """Answers a request that has not arrived."""
        incoming, request_id = self._leave(conn), uuid4().hex
        self._held -= incoming.size
        logger.warning("The request %s was refused with %d after %d bytes", request_id, refusal.status, incoming.size)
        if refusal is BUSY and incoming.request is not None and brings_photos(incoming.request):
            photos_refused.send_robust(Worker, code=refusal.code)
        send_at_once(conn.sock, refusal.response(request_id))
        self._end(conn)

    def _leave(self, conn: Connection) -> Incoming:
        """Stops receiving."""
        with suppress(KeyError):  # it was not registered yet
            self.poller.unregister(conn.sock)
        return self._arriving.pop(conn)

    def _end(self, conn: Connection) -> None:
        """Closes our side of a connection, and the rest when the client has closed its own."""
        self._ending[conn] = Ending(time.monotonic())
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, lambda _: self._discard(conn))
        except OSError:  # the client has disconnected
            self._close(conn)

    def _discard(self, conn: Connection) -> None:
        """Reads what the client is still sending: it would not see its answer after a reset."""
        try:
            size = len(conn.sock.recv(RECEIVE_BYTES))
        except OSError:
            size = 0
        if size:
            self._ending[conn].has_sent(size, time.monotonic())
        else:
            self._close(conn)

    def _close(self, conn: Connection) -> None:
        if conn in self._arriving:
            self._held -= self._leave(conn).size
        elif self._ending.pop(conn, None):
            with suppress(KeyError):
                self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
