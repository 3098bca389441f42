"""Clients that ask too often, and what they are told."""

from collections.abc import Iterator
from contextlib import ExitStack
from shutil import which
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import ScopedRateThrottle

from api.throttling import HEADERS, PhotoThrottle
from api.views.predict_image import PredictImage
from tests.deploy.stack import free_port
from tests.http import Process, ask, gunicorn, manage, send_photo, upload


@pytest.fixture
def two_a_minute(monkeypatch, served):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predictions", "2/min")


@pytest.mark.usefixtures("two_a_minute")
def test_a_client_that_asks_too_often_is_told_when_to_come_again(client):
    upload(client, REMOTE_ADDR="192.0.2.1")
    upload(client, REMOTE_ADDR="192.0.2.1")
    response = upload(client, REMOTE_ADDR="192.0.2.1")
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert "Try again in" in response.json()["detail"]
    assert upload(client, REMOTE_ADDR="192.0.2.2").status_code == 200
    assert client.get("/predictImage", REMOTE_ADDR="192.0.2.1").status_code == 200


@pytest.mark.usefixtures("two_a_minute")
def test_a_client_cannot_give_itself_another_address(client):
    answers = [upload(client, REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def is_allowed(address: str) -> bool:
    """Whether a client may ask now. It counts as a request."""
    request = Request(APIRequestFactory().post("/predictImage", REMOTE_ADDR=address))
    return PhotoThrottle().allow_request(request, PredictImage())


@pytest.mark.usefixtures("two_a_minute")
def test_every_counted_response_says_what_is_left_of_the_quota(client):
    answers = [upload(client, REMOTE_ADDR="192.0.2.1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"predictions";q=2;w=60'}
    assert [answer.headers["RateLimit"].split(";")[:2] for answer in answers] == [
        ['"predictions"', "r=1"],
        ['"predictions"', "r=0"],
        ['"predictions"', "r=0"],
    ]
    assert "RateLimit" not in client.get("/predictImage", REMOTE_ADDR="192.0.2.1").headers


@pytest.mark.usefixtures("served")
def test_without_a_limit_there_is_no_quota(client):
    assert "RateLimit" not in upload(client).headers


@pytest.mark.usefixtures("two_a_minute")
def test_a_client_is_remembered_however_many_others_ask():
    assert [is_allowed("192.0.2.1") for _ in range(2)] == [True, True]
    assert all(is_allowed(f"198.51.{number // 256}.{number % 256}") for number in range(1000))
    assert not is_allowed("192.0.2.1")


@pytest.mark.usefixtures("two_a_minute")
def test_a_quota_comes_back_evenly(monkeypatch):
    def at(seconds: float) -> bool:
        monkeypatch.setattr("api.throttling.time", SimpleNamespace(time=lambda: 1_700_000_000 + seconds))
        return is_allowed("192.0.2.1")

    assert [at(0), at(0), at(29)] == [True, True, False]
    assert [at(30), at(31), at(59)] == [True, False, False]
    assert [at(180), at(180), at(180)] == [True, True, False]


@pytest.mark.usefixtures("two_a_minute")
def test_a_client_waits_for_all_photos_of_a_request_that_had_too_many():
    throttle = PhotoThrottle()
    request = Request(APIRequestFactory().post("/api/predictions", REMOTE_ADDR="192.0.2.1"))
    assert throttle.allow_request(request, PredictImage())
    throttle.count_more(4)
    assert request.META[HEADERS]["RateLimit"].startswith('"predictions";r=0;t=')
    again = PhotoThrottle()
    assert not again.allow_request(request, PredictImage())
    assert 110 < again.wait() <= 120


@pytest.mark.usefixtures("two_a_minute")
def test_all_addresses_of_an_ipv6_network_are_one_client():
    assert [is_allowed(f"2001:db8:0:1::{host}") for host in "abc"] == [True, True, False]
    assert is_allowed("2001:db8:0:2::a")


@pytest.mark.usefixtures("two_a_minute")
def test_ipv4_clients_of_a_server_that_listens_to_both_are_apart():
    assert [is_allowed(address) for address in ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1")] == [
        True,
        True,
        False,
    ]
    assert is_allowed("::ffff:192.0.2.2")


@pytest.mark.slow
def test_instances_count_together_in_a_cache_that_they_share(tiny_bundle, tmp_path):
    shared: dict[str, Any] = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}",
        "DOGBREED_CACHE_URL": "dbcache://dogbreed_cache",
        "DOGBREED_THROTTLE": "3/hour",
    }
    with ExitStack() as stack:
        one, two = (stack.enter_context(gunicorn(tiny_bundle, tmp_path / name, **shared)) for name in ("one", "two"))
        assert send_photo(one.port).status == 200  # without its table the cache cannot count, and nobody waits for it
        assert "no request is counted" in one.log.read_text()
        manage("createcachetable", **shared)
        answers = [send_photo(server.port) for server in (one, two, one, two)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]


@pytest.fixture
def redis(tmp_path) -> Iterator[Process]:
    if not which("redis-server"):
        pytest.skip("redis-server is not installed")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = Process(command, tmp_path / "redis.log", {"URL": f"redis://127.0.0.1:{port}/0"})
    server.start()
    try:
        server.wait_until(lambda: "Ready to accept connections" in server.log.read_text(), "Redis is ready")
        yield server
    finally:
        server.stop()


@pytest.mark.slow
def test_instances_count_together_in_redis_and_answer_without_it(tiny_bundle, tmp_path, redis):
    shared: dict[str, Any] = {"DOGBREED_CACHE_URL": redis.environment["URL"], "DOGBREED_THROTTLE": "3/hour"}
    with ExitStack() as stack:
        one, two = (stack.enter_context(gunicorn(tiny_bundle, tmp_path / name, **shared)) for name in ("one", "two"))
        answers = [send_photo(server.port) for server in (one, two, one, two)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert ask(one.port, "GET", "/api/stats").json["predictions"] == 2  # of its own database
        redis.stop()
        assert [send_photo(server.port).status for server in (one, two)] == [200, 200]
        assert ask(one.port, "GET", "/api/stats").json["predictions"] == 3
        assert "no request is counted" in one.log.read_text()
