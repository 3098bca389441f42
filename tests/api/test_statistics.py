"""What the statistics cost when many ask for them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import statistics
from tests.http import upload

pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture
def clock(monkeypatch):
    """Sets the time, in seconds."""

    def at(seconds: float) -> None:
        monkeypatch.setattr(statistics, "time", SimpleNamespace(time=lambda: 1_700_000_000 + seconds))

    at(0)
    return at


@pytest.fixture
def count_takes(monkeypatch, clock):
    """Makes counting take so many seconds of the clock, from its second 0 on."""
    count = statistics._count

    def takes(seconds: float) -> None:
        def slowly() -> dict[str, Any]:
            counted = count()
            clock(seconds)
            return counted

        monkeypatch.setattr(statistics, "_count", slowly)

    return takes


def test_many_answers_are_counted_once_a_minute(client, clock, count_takes, django_assert_num_queries):
    upload(client)
    count_takes(3)
    assert client.get("/api/stats").json()["predictions"] == 1
    upload(client)
    clock(3 + 59)
    with django_assert_num_queries(0):
        assert client.get("/api/stats").json()["predictions"] == 1
    clock(3 + 61)
    assert client.get("/api/stats").json()["predictions"] == 2


def test_few_answers_are_counted_again_at_once(client, clock, count_takes):
    upload(client)
    count_takes(0.005)
    assert client.get("/api/stats").json()["predictions"] == 1
    upload(client)
    clock(0.2)
    assert client.get("/api/stats").json()["predictions"] == 2


def test_many_who_ask_first_wait_for_one_count(monkeypatch):
    counts, go_on = [], Event()

    def count_slowly() -> dict[str, int]:
        counts.append(1)
        go_on.wait(30)
        return {"predictions": 7}

    monkeypatch.setattr(statistics, "_count", count_slowly)
    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(statistics.statistics) for _ in range(20)]
        go_on.set()
        assert [future.result(30) for future in asked] == [{"predictions": 7}] * 20
    assert len(counts) == 1


def test_nobody_waits_while_they_are_counted_again(monkeypatch, clock):
    assert statistics.statistics()["predictions"] == 0
    clock(61)
    begun, go_on = Event(), Event()

    def count_slowly() -> dict[str, int]:
        begun.set()
        go_on.wait(30)
        return {"predictions": 7}

    monkeypatch.setattr(statistics, "_count", count_slowly)
    with ThreadPoolExecutor(1) as thread:
        counting = thread.submit(statistics.statistics)
        assert begun.wait(30)
        try:
            assert statistics.statistics()["predictions"] == 0
        finally:
            go_on.set()
        assert counting.result(30)["predictions"] == 7
    assert statistics.statistics()["predictions"] == 7


def test_counting_reads_no_whole_answers():
    with CaptureQueriesContext(connection) as queries:
        statistics.statistics()
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            assert "SCAN api_prediction USING COVERING INDEX" in "\n".join(row[-1] for row in cursor)
