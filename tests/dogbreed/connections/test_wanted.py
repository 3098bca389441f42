"""Whether a body is received at all: a refusal that the headers decide needs none of it."""

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request

from dogbreed.connections.receiving import Incoming
from dogbreed.connections.wanted import is_body_wanted

MULTIPART = "multipart/form-data; boundary=b"


def is_wanted(method: str, path: str, content_type: str, length: int = 1000) -> bool:
    asked: list[bool] = []

    def ask(head: Request) -> bool:
        asked.append(is_body_wanted(head))
        return True

    request = Incoming(Config(), ("192.0.2.1", 1), ask, now=0)
    head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    request.add(head.encode(), now=0)
    (answer,) = asked
    return answer


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        ("POST", "/predictImage", MULTIPART),
        ("POST", "/predict%49mage", MULTIPART),
        ("POST", "/api/predictions/", "application/json; charset=utf-8"),
        ("POST", "/admin/login/", "application/x-www-form-urlencoded"),  # a view of Django's own
        ("POST", "/nothing/here", "text/plain"),
    ],
)
def test_a_body_that_a_view_may_take_is_received(method, path, content_type):
    assert is_wanted(method, path, content_type)


@pytest.mark.parametrize(
    ("method", "path", "content_type", "length"),
    [
        ("POST", "/predictImage", "text/plain", 1000),
        ("POST", "/predictImage", "text/plain; a*=nothing''b", 1000),
        ("PUT", "/predictImage", MULTIPART, 1000),
        ("POST", "/predictImage", MULTIPART, 10**12),
        ("POST", "/nothing/here", MULTIPART, 10**12),
    ],
)
def test_a_body_that_its_headers_refuse_is_not_received(method, path, content_type, length):
    assert not is_wanted(method, path, content_type, length)
