"""Requests that are made to break a server. Each is sent to a real one, byte by byte as it is here."""

import re
from contextlib import closing

import pytest

from tests.http import Answer, exchange, gunicorn, parsed, post

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tiny_bundle, tmp_path_factory):
    with gunicorn(tiny_bundle, tmp_path_factory.mktemp("hostile") / "var") as running:
        yield running


@pytest.fixture(scope="module")
def feedback(server):
    """The address for feedback on an answer, and the header with the answer's secret."""
    with closing(server.connect()) as connection:
        answer = post(connection)[1]
    return f"/api/predictions/{answer['id']}/feedback", f"X-Prediction-Secret: {answer['secret']}\r\n"


def ask(server, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
    """Sends a request whose header lines may say anything."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{length}\r\n"
    return parsed(exchange(server.port, head.encode("latin-1") + body))


def assert_error(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.json["code"]) == (status, code)
    assert set(answer.json) == {"code", "detail"}
    assert answer.headers["content-type"].startswith("application/json")
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


CODECS = ["base64", "hex", "idna", "punycode", "rot13", "undefined", "unicode_escape", "uu", "utf-16", "zlib", "none"]


@pytest.mark.parametrize("charset", CODECS)
def test_a_charset_that_decodes_no_text_is_ignored(server, feedback, charset):
    assert ask(server, "GET", "/api/?a=%ff", f"Content-Type: text/plain; charset={charset}\r\n").status == 200
    path, secret = feedback
    json = f"{secret}Content-Type: application/json; charset={charset}\r\n"
    assert ask(server, "POST", path, json, b'{"right": true}').status in (200, 201)
    form = f"{secret}Content-Type: application/x-www-form-urlencoded; charset={charset}\r\n"
    assert ask(server, "POST", path, form, b"right=true").status == 200
    photo = f"Content-Type: multipart/form-data; boundary=b; charset={charset}\r\n"
    assert_error(ask(server, "POST", "/predictImage?a=%ff", photo, b"--b--\r\n"), 400, "no_image")


@pytest.mark.parametrize("content_type", ["a/b; charset*=idna''%ff", "multipart/form-data; boundary*=hex''%ff", ";;;"])
def test_a_content_type_that_cannot_be_read_is_none(server, content_type):
    assert ask(server, "GET", "/api/", f"Content-Type: {content_type}\r\n").status == 200
    assert ask(server, "POST", "/predictImage", f"Content-Type: {content_type}\r\n", b"x").status in (400, 415)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"breed":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_json_that_is_nested_too_deeply_is_refused(server, feedback, body):
    path, secret = feedback
    assert_error(ask(server, "POST", path, f"{secret}Content-Type: application/json\r\n", body), 400, "parse_error")
    several = ask(server, "POST", "/api/predictions", "Content-Type: application/json\r\n", body)
    assert_error(several, 400, "parse_error")


@pytest.mark.parametrize(
    "body", [b'{"breed": "\\ud800"}', b'{"breed": "\\u0000"}', b'{"breed": 1' + b"0" * 5000 + b"}"]
)
def test_json_with_values_that_cannot_be_stored_is_refused(server, feedback, body):
    path, secret = feedback
    assert ask(server, "POST", path, f"{secret}Content-Type: application/json\r\n", body).status == 400


def test_more_parameters_than_django_reads_are_refused(server):
    query = "&".join(["a"] * 1500)
    content_type = "Content-Type: text/plain; charset=utf-8\r\n"
    assert_error(ask(server, "GET", f"/api/?{query}", content_type), 400, "parse_error")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "bad_request"),  # TLS
        (b"GET / HTTP/1.1\nHost: localhost\n\n", 400, "bad_request"),
        (b"GET http://[::1/ HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"g@t / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/9.1\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nBad name: x\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "bad_request"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 414, "uri_too_long"),
        (b"GET / HTTP/1.1\r\nExpect: miracles\r\n\r\n", 417, "expectation_failed"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: zip\r\n\r\n", 501, "not_implemented"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)
def test_what_is_not_http_gets_an_error_of_the_api(server, sent, status, code):
    assert_error(parsed(exchange(server.port, sent)), status, code)


def test_a_form_sent_to_a_page_gets_an_error_of_the_api(server):
    assert_error(ask(server, "POST", "/history", "Content-Type: text/plain\r\n", b"x"), 403, "forbidden")


@pytest.mark.parametrize("host", ["evil.example", "[::1", "localhost:x", ""])
def test_another_host_is_refused(server, host):
    sent = f"GET /api/ HTTP/1.1\r\nConnection: close\r\nHost: {host}\r\n\r\n"
    assert_error(parsed(exchange(server.port, sent.encode())), 400, "bad_request")


@pytest.mark.parametrize("header", ["Script_Name: /api", "SCRIPT_NAME: /x", "Path_Info: /metrics", "Remote_User: root"])
def test_nobody_sets_the_variables_of_the_server_by_a_header(server, header):
    answer = ask(server, "GET", "/api/health/live", f"{header}\r\n")
    assert (answer.status, answer.json) == (200, {"status": "live"})


def test_a_forwarder_that_nobody_configured_does_not_change_the_address(server):
    headers = "X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\nX-Forwarded-Host: evil.example\r\n"
    assert ask(server, "GET", "/api/", headers).json["docs"] == "http://localhost/api/docs/"


@pytest.mark.parametrize(
    "path", ["/api/%0aFORGED", "/api/%0d%1b[31mFORGED", "/api/%e2%80%a8FORGED", "/api/%c2%85FORGED"]
)
def test_a_path_forges_no_line_in_the_log(server, path):
    before = len(server.log.read_text().splitlines())
    assert ask(server, "GET", path).status == 404
    (line,) = server.log.read_text().splitlines()[before:]
    assert line.isprintable()
    assert re.search(r"INFO dogbreed.requests: GET /api/\\\S*FORGED 404 in", line)


def test_what_the_parser_refuses_forges_no_line_in_the_log(server):
    before = len(server.log.read_text().splitlines())
    exchange(server.port, b"GET / HTTP/1.1\r\nX\x1b[31m\nFORGED: x\r\n\r\n")
    (line,) = server.log.read_text().splitlines()[before:]
    assert line.isprintable()
    assert "WARNING dogbreed.connections: The request" in line


def test_after_all_this_the_worker_is_the_same_and_reports_no_error(server):
    with closing(server.connect()) as connection:
        assert post(connection)[0] == 200
    assert "Booting worker" in server.log.read_text()
    assert server.log.read_text().count("Booting worker") == 1
    errors = [line for line in server.log.read_text().splitlines() if " ERROR " in line]
    assert all(" ERROR django.security.DisallowedHost: " in line for line in errors)
