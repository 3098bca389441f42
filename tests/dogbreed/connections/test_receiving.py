"""A request that arrives in pieces, and the time that it has for that. Seconds are given, not waited for."""

from collections.abc import Iterable

import pytest
from gunicorn.config import Config
from gunicorn.http import errors

from dogbreed.connections.receiving import (
    HEAD_SECONDS,
    MAX_HEAD_BYTES,
    PERIOD_BYTES,
    PERIOD_SECONDS,
    Arrived,
    BodyNotReceived,
    Incoming,
)

HEAD = b"POST /a?b HTTP/1.1\r\nHost: c\r\nContent-Length: %d\r\n\r\n"


def incoming(pieces: Iterable[bytes] = (), wanted: bool = True) -> Incoming:
    request = Incoming(Config(), ("192.0.2.1", 1), lambda _: wanted, now=0)
    for piece in pieces:
        request.add(piece, now=0)
    return request


def body(request: Incoming) -> bytes:
    return bytes(next(Arrived(request)).body.read())


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_request_may_come_in_pieces_of_any_size(size):
    sent = HEAD % 5 + b"12345"
    request = incoming()
    for start in range(0, len(sent), size):
        assert not request.complete
        request.add(sent[start : start + size], now=0)
    assert request.complete
    assert (next(Arrived(request)).path, body(request), request.rest) == ("/a", b"12345", b"")


def test_what_was_sent_ahead_is_left_for_the_next_request():
    request = incoming([HEAD % 2 + b"12GET / HT"])
    assert (request.complete, body(request), request.rest) == (True, b"12", b"GET / HT")
    assert Arrived(request).unreader.take_buffered() == b"GET / HT"


def test_headers_have_to_arrive_in_time_whatever_trickles_in():
    request = incoming()
    request.add(b"GET / HTTP/1.1\r\n", now=1)
    request.add(b"X: y\r\n", now=9)
    assert request.deadline == HEAD_SECONDS


def test_a_body_has_to_bring_a_least_number_of_bytes_in_each_period():
    request = incoming([HEAD % 10_000_000])
    assert request.deadline == PERIOD_SECONDS
    request.add(bytes(PERIOD_BYTES - 1), now=5)
    assert request.deadline == PERIOD_SECONDS
    request.add(bytes(1), now=6)
    assert request.deadline == 6 + PERIOD_SECONDS


def test_a_fast_beginning_is_no_credit_for_stalling():
    request = incoming([HEAD % 10_000_000])
    request.add(bytes(9_000_000), now=5)
    assert request.deadline == 5 + PERIOD_SECONDS


@pytest.mark.parametrize("head", [HEAD % 5, HEAD.replace(b"Content-Length: %d", b"Transfer-Encoding: chunked")])
def test_a_body_that_is_not_wanted_or_has_no_length_is_not_waited_for(head):
    request = incoming([head], wanted=False)
    assert request.complete
    assert next(Arrived(request)).should_close()
    with pytest.raises(BodyNotReceived):
        body(request)


def test_a_body_that_is_here_already_is_taken_wanted_or_not():
    assert body(incoming([HEAD % 2 + b"12"], wanted=False)) == b"12"


def test_only_a_client_that_waits_for_it_is_told_to_continue_and_once():
    expecting = (HEAD % 2).replace(b"Host: c", b"Host: c\r\nExpect: 100-continue")
    request = incoming([expecting])
    assert [request.expects_continue(), request.expects_continue()] == [True, False]
    assert not incoming([expecting], wanted=False).expects_continue()
    assert not incoming([expecting + b"12"]).expects_continue()
    assert not incoming([HEAD % 2]).expects_continue()


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"GET / HTTP/1.1\nHost: c\n\n", errors.InvalidRequestLine),
        (b"GET / HTTP/1.1\r\nHost: c\n\n", errors.InvalidHeader),
        (b"a" * (MAX_HEAD_BYTES + 1), errors.LimitRequestLine),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * MAX_HEAD_BYTES, errors.LimitRequestHeaders),
        (b"\r\n\r\n", errors.InvalidRequestLine),
    ],
)
def test_headers_that_never_end_are_an_error(sent, error):
    request = incoming([sent])
    assert request.complete
    with pytest.raises(error):
        next(Arrived(request))
