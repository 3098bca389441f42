"""What the server itself answers when a request does not reach the application, or leaves it as an exception."""

import logging
import socket
from typing import cast

import pytest
from gunicorn.http import errors

from dogbreed.connections.worker import Worker
from tests.http import Answer, parsed


def refused(error: Exception) -> Answer:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Worker.handle_error(cast(Worker, None), None, ours, ("192.0.2.1", 1), error)
        ours.shutdown(socket.SHUT_WR)
        return parsed(theirs.makefile("rb").read())


def test_a_failure_outside_the_application_is_a_server_error_whose_id_is_in_the_log(caplog):
    with caplog.at_level(logging.ERROR, "dogbreed.connections"):
        answer = refused(RuntimeError("secret"))
    assert (answer.status, answer.json["code"]) == (500, "server_error")
    assert b"secret" not in answer.body
    (record,) = caplog.records
    assert answer.headers["x-request-id"] in record.getMessage()
    assert record.exc_info is not None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidChunkSize(b"zz"), 400),
        (errors.ConfigurationProblem("not below SCRIPT_NAME"), 404),
        (errors.InvalidResponseHeader("X"), 500),  # the application's own
    ],
)
def test_the_status_says_whose_mistake_it_was(error, status):
    assert refused(error).status == status
