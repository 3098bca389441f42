"""Clients that send slowly, or not at all, and what the others notice of them. Nothing is in front of the server."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing, contextmanager

import pytest

from tests.http import RED_JPEG, Gunicorn, ask, exchange, gunicorn, multipart, parsed, post, request, send_photo
from tests.image_files import RED, encoded, plain

pytestmark = pytest.mark.slow

HEAD = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
FORM = multipart(b"")[1]["Content-Type"]


@pytest.fixture(scope="module")
def server(tiny_bundle, tmp_path_factory):
    with gunicorn(tiny_bundle, tmp_path_factory.mktemp("slow") / "var") as running:
        yield running


def head(path: str = "/predictImage", content_type: str = FORM, length: object = 1000, more: str = "") -> bytes:
    return (HEAD.format(path, content_type, length) + more + "\r\n").encode()


@contextmanager
def stalled(server: Gunicorn, sent: bytes, number: int) -> Iterator[list[socket.socket]]:
    """So many connections on which nothing follows these bytes."""
    with ExitStack() as stack:
        connections = []
        for _ in range(number):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
            connection.sendall(sent)
            connections.append(connection)
        yield connections


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True


@pytest.mark.parametrize("sent", [b"", head()[:-2], head() + b"--of-these-tests\r\n"], ids=["silent", "header", "body"])
def test_two_hundred_stalled_clients_hold_nobody_up(server, sent):
    with stalled(server, sent, 200) as connections:
        for _ in range(3):
            assert ask(server.port, "GET", "/api/health/live").status == 200
            assert ask(server.port, "GET", "/api/health/ready").status == 200
            assert send_photo(server.port).status == 200
        assert all(is_open(connection) for connection in connections)  # the others did not wait for their end


def test_clients_that_stall_are_given_up_with_an_error_and_those_that_said_nothing_without(server):
    sent = [head()[:-2], head() + b"--of-these-tests\r\n", b""]
    with ThreadPoolExecutor(len(sent)) as threads:
        *refused, silent = threads.map(lambda piece: exchange(server.port, piece, timeout=60), sent)
    assert silent == b""
    for answer in map(parsed, refused):
        assert (answer.status, answer.json["code"]) == (408, "request_timeout")
        assert answer.headers["connection"] == "close"
        assert len(answer.headers["x-request-id"]) == 32


REFUSED = [
    (head(length=30 * 2**20), 413, "file_too_large"),
    (head(length="9" * 400), 413, "file_too_large"),
    (head(content_type="image/jpeg"), 415, "unsupported_media_type"),
]


@pytest.mark.parametrize(("sent", "status", "code"), REFUSED)
@pytest.mark.parametrize("expects", [True, False])
def test_what_the_headers_decide_is_answered_before_the_body_is_sent(server, sent, status, code, expects):
    if expects:
        sent = sent[:-2] + b"Expect: 100-continue\r\n\r\n"
    answer = parsed(raw := exchange(server.port, sent))
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["connection"] == "close"
    assert b"100 Continue" not in raw


def test_a_method_that_the_address_does_not_have_needs_no_body(server):
    answer = parsed(exchange(server.port, head("/api/stats", more="Expect: 100-continue\r\n")))
    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")


def test_a_chunked_photo_needs_a_length(server):
    sent = head().replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked")
    answer = parsed(exchange(server.port, sent))
    assert (answer.status, answer.json["code"]) == (411, "length_required")


def test_who_asks_first_is_told_to_continue_and_gets_an_answer(server):
    body, _ = multipart(RED_JPEG)
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        connection.sendall(head(length=len(body), more="Expect: 100-continue\r\nConnection: close\r\n"))
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert parsed(connection.makefile("rb").read()).json["breed"] == "red_hound"


def test_who_sends_too_much_all_the_same_reads_why(server):
    answer = send_photo(server.port, bytes(60 * 2**20))
    assert (answer.status, answer.json["code"]) == (413, "file_too_large")


def test_a_photo_that_comes_byte_by_byte_is_answered(server):
    body, _ = multipart(RED_JPEG)
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = head(length=len(body), more="Connection: close\r\n") + body
        for start in range(len(sent)):
            connection.sendall(sent[start : start + 1])
        assert parsed(connection.makefile("rb").read()).json["breed"] == "red_hound"


def test_requests_may_be_sent_ahead_on_one_connection(server):
    body, _ = multipart(RED_JPEG)
    one = head(length=len(body)) + body
    last = b"GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answered = exchange(server.port, one * 3 + last)
    assert answered.count(b"HTTP/1.1 200 OK") == 4
    assert answered.count(b'"breed":"red_hound","name"') >= 3


def test_a_connection_is_used_again_also_when_the_body_was_not_read(server):
    with closing(server.connect()) as connection:
        form, headers = multipart(bytes(200_000))
        refused = request(connection, "POST", "/predictImage?explain=perhaps", form, headers)
        assert (refused.status, refused.json["code"]) == (400, "bad_option")
        local = connection.sock.getsockname()
        assert post(connection)[0] == 200
        assert connection.sock.getsockname() == local


def test_probes_are_answered_while_every_thread_waits_for_a_client_that_reads_nothing(tiny_bundle, tmp_path):
    large = (
        b"GET /static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    with gunicorn(tiny_bundle, tmp_path / "var", "--threads", "1") as server, socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", server.port))
        reader.sendall(large * 20)
        while (another := unanswered(server)) is None:  # the kernel takes a part of the answers
            pass
        with another:
            for _ in range(3):
                assert ask(server.port, "GET", "/api/health/live").status == 200
            assert is_waiting(another)


def unanswered(server: Gunicorn) -> socket.socket | None:
    """A connection whose request nobody answers for some seconds; None if it is answered."""
    connection = socket.create_connection(("127.0.0.1", server.port), 3)
    connection.sendall(b"GET /api/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        connection.recv(1)
    except TimeoutError:
        return connection
    connection.close()
    return None


def test_more_connections_than_fit_push_out_the_oldest(tiny_bundle, tmp_path):
    with (
        gunicorn(tiny_bundle, tmp_path / "var", "--worker-connections", "40") as server,
        stalled(server, b"GET / HTTP/1.1\r\n", 100) as connections,
    ):
        assert ask(server.port, "GET", "/api/health/live").status == 200
        assert send_photo(server.port).status == 200
        assert not is_open(connections[0])
        assert is_open(connections[-1])


def test_clients_that_hold_too_many_bytes_lose_to_those_that_send(tiny_bundle, tmp_path):
    sent = head(length=20 * 2**20) + bytes(20 * 2**20 - 1)
    with gunicorn(tiny_bundle, tmp_path / "var") as server, stalled(server, sent, 15) as connections:
        assert send_photo(server.port, bytes(5 * 2**20)).status == 415
        assert send_photo(server.port).status == 200
        refused = [parsed(connection.recv(1000)) for connection in connections if not is_waiting(connection)]
        assert {(answer.status, answer.json["code"]) for answer in refused} == {(503, "busy")}
        assert 2 <= len(refused) <= 5


def test_photos_for_which_no_thread_is_free_are_refused_before_the_others_are_answered(tiny_bundle, tmp_path):
    large = encoded(plain(RED, (8000, 10000)), "PNG")
    with (
        gunicorn(tiny_bundle, tmp_path / "var", "--threads", "1", DOGBREED_MAX_PENDING="1") as server,
        ThreadPoolExecutor(6) as pool,
    ):
        waiting = [pool.submit(send_photo, server.port, large) for _ in range(6)]
        given = [done.result() for done in as_completed(waiting)]
        assert {answer.status for answer in given[:3]} == {503}
        assert given[0].json["code"] == "busy"
        assert given[0].headers["retry-after"] == "1"
        assert given[-1].status == 200
        assert send_photo(server.port).status == 200  # it is free again
        refused = sum(answer.status == 503 for answer in given)
        metrics = ask(server.port, "GET", "/metrics").body.decode()
        assert f'dogbreed_predictions_total{{outcome="busy"}} {refused}.0' in metrics


def is_waiting(connection: socket.socket) -> bool:
    """Whether nothing was answered yet."""
    connection.setblocking(False)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
