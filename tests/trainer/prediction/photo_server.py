"""A web server with one photo at every address, which answers once it may."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from tests.image_files import GREEN, encoded, plain

PHOTO = encoded(plain(GREEN))


class PhotoServer:
    """`asked` is set by the first request; none is answered before `free` is set."""

    def __init__(self) -> None:
        self.asked, self.free = Event(), Event()
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["PhotoServer"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.free.set()
            server.shutdown()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        asked, free = self.asked, self.free

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.set()
                free.wait()
                self.send_response(200)
                self.send_header("Content-Length", str(len(PHOTO)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(PHOTO)

            do_HEAD = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *words: object) -> None:
                """Nothing to the terminal."""

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:  # the client was killed
                    self.close_connection = True

        return Handler
