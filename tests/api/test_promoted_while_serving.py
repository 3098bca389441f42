"""A real server answers without a pause while its model changes."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event

import pytest

from tests.http import Gunicorn, gunicorn, manage, post, wait_until

pytestmark = pytest.mark.slow


@contextmanager
def clients(server: Gunicorn, answers: list[tuple[int, str]], number: int = 4) -> Iterator[None]:
    """Send photos all the time; each answer is a status and the version of the model that gave it."""
    stop = Event()

    def send() -> None:
        with closing(server.connect()) as connection:
            while not stop.is_set():
                status, answer = post(connection)
                answers.append((status, answer.get("model", {}).get("version", "")))

    with ThreadPoolExecutor(number) as threads:
        sending = [threads.submit(send) for _ in range(number)]
        try:
            yield
        finally:
            stop.set()
    for each in sending:
        each.result()  # a lost request would raise here


def test_no_request_is_lost_while_workers_change_to_what_was_promoted_and_back(tiny_bundle, newer_bundle, tmp_path):
    var, answers = tmp_path / "var", list[tuple[int, str]]()
    environment = {"DOGBREED_BUNDLE": str(tiny_bundle), "DOGBREED_VAR": str(var)}
    with gunicorn(tiny_bundle, var, "--workers", "2", WEB_CONCURRENCY="2") as server:
        with clients(server, answers):
            wait_until(lambda: len(answers) > 20, "the first answers")
            manage("promote", str(newer_bundle), "--without-comparison", **environment)
            _wait_for_all(server, answers, "2.0")
            manage("rollback", **environment)
            _wait_for_all(server, answers, "1.0")
        assert Counter(status for status, _ in answers) == {200: len(answers)}
        assert {version for _, version in answers} == {"1.0", "2.0"}


def _wait_for_all(server: Gunicorn, answers: list[tuple[int, str]], version: str) -> None:
    """Both workers have said in the log that they changed, and what they answer after that is of this version."""
    said = f"From now on tiny {version}"
    wait_until(lambda: server.log.read_text().count(said) == 2, f"both workers answer with {version}")
    time.sleep(0.2)  # requests that began before
    place = len(answers)
    wait_until(lambda: len(answers) > place + 40, "more answers")
    assert {answered for _, answered in answers[place:]} == {version}
