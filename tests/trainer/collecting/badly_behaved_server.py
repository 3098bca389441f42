"""A web server that does to a collector what the web does. Run as a process: it prints its port.

Every path says what happens: /photo/7 is a good photo, /slow/7 the same after a while, and so on. It counts, for each
path, how often it was asked, and gives the counts at /asked.
"""

import io
import json
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

asked: Counter[str] = Counter()
agents: set[str] = set()
refused_until: dict[str, float] = {}
too_early = 0
lock = Lock()
PER_PAGE = 20
# What a search finds, in order. Good ones are /photo, /slow, /busy, /shaky, /moved and /cut-once.
KINDS = ("photo", "slow", "busy", "shaky", "cut", "html", "huge", "moved", "photo", "lying", "noncommercial", "gone",
         "endless", "loop", "claims-small", "same", "photo", "cut-once", "png", "photo")  # fmt: skip


def picture(number: int, kind: str = "JPEG") -> bytes:
    colours = np.random.default_rng(number).integers(0, 256, (12, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).resize((320, 240), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        fields = {"Content-Type": "image/jpeg", "Content-Length": str(len(body))}
        for name, value in {**fields, **{key.replace("_", "-"): value for key, value in headers.items()}}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        global too_early
        url = urlsplit(self.path)
        with lock:
            asked[self.path] += 1
            agents.add(self.headers.get("User-Agent", ""))
            times = asked[self.path]
            if time.monotonic() < refused_until.get(self.path, 0):
                too_early += 1
        _, kind, *rest = url.path.split("/")
        number = int(rest[0]) if rest and rest[0].isdigit() else 0
        port = int(self.connection.getsockname()[1])
        if kind == "asked":
            self.answer(200, json.dumps({"asked": asked, "agents": sorted(agents), "too_early": too_early}).encode())
        elif kind == "v1":
            self.answer(200, json.dumps(openverse(parse_qs(url.query), port)).encode())
        elif kind == "w":
            self.answer(200, json.dumps(wikimedia(parse_qs(url.query), port)).encode())
        elif kind == "breeds":
            self.answer(200, BREEDS_PAGE.encode(), Content_Type="text/html")
        else:
            self.misbehave(kind, number, times, port)

    def misbehave(self, kind: str, number: int, times: int, port: int) -> None:
        good = picture(number)
        match kind:
            case "photo" | "lying" | "noncommercial":
                self.answer(200, good, Content_Type="text/plain")  # what a header says is not to be trusted
            case "png":
                self.answer(200, picture(number, "PNG"))
            case "same":
                self.answer(200, picture(number - number % 20))  # the first photo of its page, once more
            case "slow":
                time.sleep(0.4)
                self.answer(200, good)
            case "busy" if times <= 1:
                refused_until[self.path] = time.monotonic() + 0.95
                self.answer(429, b"", Retry_After="1")
            case "shaky" if times <= 1:
                self.answer(500, b"oops")
            case "cut-once" if times > 1:
                self.answer(200, good)
            case "busy" | "shaky":
                self.answer(200, good)
            case "cut" | "cut-once":
                self.answer(200, good[: len(good) // 2])  # a whole answer with half a photo
            case "html":
                self.answer(200, b"<!doctype html><title>Please log in</title>")
            case "huge":
                self.send_response(200)
                self.send_header("Content-Length", "500000000")
                self.end_headers()
                self.pour(500_000_000)
            case "claims-small":
                self.send_response(200)
                self.send_header("Connection", "close")
                self.end_headers()
                self.pour(500_000_000)  # without saying how much it will be
            case "moved":
                self.redirect(f"http://localhost:{port}/photo/{number}")
            case "loop":
                self.redirect(self.path)
            case "endless":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"\xff\xd8\xff")
                self.close_connection = True  # and never the rest
            case _:
                self.answer(404, b"")

    def redirect(self, where: str) -> None:
        self.answer(302, b"", Location=where)

    def pour(self, count: int) -> None:
        self.close_connection = True
        try:
            for _ in range(count // 65536):
                self.wfile.write(bytes(65536))
        except OSError:
            pass  # they had enough


def openverse(query: dict[str, list[str]], port: int) -> dict[str, object]:
    """Like Openverse's, but for its second licence it finds nothing, and it does not mind the filter."""
    if query["license"] != ["by"]:
        return {"page_count": 0, "results": []}
    page, breed = int(query["page"][0]), query["q"][0]
    offset = 1000 * (sum(breed.encode()) % 50) + PER_PAGE * (page - 1)
    results = [result(kind, offset + index, breed, port) for index, kind in enumerate(KINDS)]
    return {"page_count": 2, "results": [*results, results[0], {"no": "url"}]}


def result(kind: str, number: int, breed: str, port: int) -> dict[str, str]:
    licence = {"noncommercial": "by-nc"}.get(kind, "by")
    address = "by-nc-nd" if kind == "lying" else licence
    return {
        "url": f"http://127.0.0.1:{port}/{kind}/{number}",
        "title": f"{breed} [{number}]",
        "creator": f"Maker {number}",
        "license": licence,
        "license_version": "2.0",
        "license_url": f"https://creativecommons.org/licenses/{address}/2.0/",
        "source": "flickr",
        "foreign_landing_url": f"https://example.org/{number}",
    }


def wikimedia(query: dict[str, list[str]], port: int) -> dict[str, object]:
    offset = int(query.get("gsroffset", ["0"])[0])
    pages = [
        {
            "title": f"File:Dog {number}.jpg",
            "index": -number,
            "imageinfo": [
                {
                    "thumburl": f"http://127.0.0.1:{port}/photo/{number}",
                    "descriptionurl": f"https://commons.example/{number}",
                    "extmetadata": {
                        "LicenseShortName": {"value": "CC BY-SA 4.0" if number % 2 else "Public domain"},
                        "Artist": {"value": f'<a href="/u">Maker <b>{number}</b></a>'},
                    },
                }
            ],
        }
        for number in range(offset + 1, offset + 4)
    ]
    more = {} if offset else {"continue": {"gsroffset": 3, "continue": "gsroffset||"}}
    return {"query": {"pages": pages}, **more}


BREEDS_PAGE = """<nav><ul><li>Home</li><li>Shop</li><li>About us</li><li>Contact</li><li>Legal</li></ul></nav>
<table><tr><th>Breed</th><th>2024 Rank</th></tr>
<tr><td>French Bulldogs</td><td>1</td></tr><tr><td><a href=x>Retrievers (Labrador)</a></td><td>2</td></tr>
<tr><td>Pointers (German Shorthaired)</td><td>3</td></tr><tr><td>Great Pyrenees</td><td>4</td></tr>
<tr><td>Cane Corso</td><td>5</td></tr></table>"""

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
