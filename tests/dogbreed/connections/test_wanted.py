"""Whether a body is received at all: a refusal that the headers decide needs none of it."""

from collections.abc import Callable

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request

from dogbreed.connections.receiving import Incoming
from dogbreed.connections.wanted import brings_photos, is_body_wanted

MULTIPART = "multipart/form-data; boundary=b"


def is_wanted(method: str, path: str, content_type: str, length: int = 1000) -> bool:
    return asked_of_head(is_body_wanted, method, path, content_type, length)


def asked_of_head(
    question: Callable[[Request], bool], method: str, path: str, content_type: str = MULTIPART, length: int = 1000
) -> bool:
    asked: list[bool] = []

    def ask(head: Request) -> bool:
        asked.append(question(head))
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


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("POST", "/predictImage", True),
        ("POST", "/api/predictions", True),
        ("GET", "/predictImage", False),
        ("POST", "/api/predictions/00000000-0000-0000-0000-000000000000/feedback", False),
        ("POST", "/nothing/here", False),
        ("POST", "/admin/login/", False),
    ],
)
def test_only_posts_to_views_of_photos_bring_photos(method, path, answer):
    assert asked_of_head(brings_photos, method, path) is answer
