"""Charsets of requests: some of Python's codecs decode no text, and Django would use them."""

from io import BytesIO

import pytest

from dogbreed.connections.application import Request


def request(content_type: str) -> Request:
    return Request(
        {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_TYPE": content_type, "wsgi.input": BytesIO(b"")}
    )


@pytest.mark.parametrize("charset", ["zlib", "hex", "idna", "rot13", "undefined", "no-such-charset", "utf-16"])
def test_a_charset_that_is_not_one_of_web_pages_is_ignored(charset):
    assert request(f"application/x-www-form-urlencoded; charset={charset}").encoding is None


def test_a_charset_of_text_is_used():
    assert request("application/x-www-form-urlencoded; charset=ISO-8859-1").encoding == "ISO-8859-1"


def test_a_header_that_cannot_be_read_counts_as_none():
    unreadable = request("text/plain; a*=nothing''b")
    assert unreadable.content_type == ""
    assert unreadable.content_params == {}
