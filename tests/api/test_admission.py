"""More photos than a server can take, and who is told so."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from api.admission import Gate, gate
from api.exceptions import Busy
from tests.http import upload


def test_only_so_many_run_and_wait_and_the_next_is_refused_at_once():
    door, two_are_in, leave = Gate(running=2, pending=5), Barrier(3), Event()

    def run_slowly() -> None:
        with door.admitted():
            two_are_in.wait(30)
            leave.wait(30)

    with ThreadPoolExecutor(5) as threads:
        slow = [threads.submit(run_slowly) for _ in range(2)]
        two_are_in.wait(30)
        waiting = [threads.submit(_enter, door) for _ in range(3)]
        try:
            assert _becomes_full(door)
            with pytest.raises(Busy), door.admitted():
                pass
            assert not any(future.done() for future in waiting)
        finally:
            leave.set()
        assert [future.result(30) for future in slow + waiting] == [None, None, "in", "in", "in"]
    with door.admitted():
        pass  # whoever has left makes room


def _becomes_full(door: Gate) -> bool:
    """Waits until the threads that were just started have come to the door."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            door.refuse_if_full()
        except Busy:
            return True
        time.sleep(0.01)
    return False


def _enter(door: Gate) -> str:
    with door.admitted():
        return "in"


def test_a_failed_prediction_makes_room_again():
    door = Gate(running=1, pending=1)
    with pytest.raises(ValueError, match="broken"), door.admitted():
        raise ValueError("broken")
    with door.admitted():
        pass


@pytest.mark.usefixtures("served")
def test_a_full_server_answers_503_and_when_to_come_again(client, settings):
    settings.DOGBREED_MAX_PENDING = 1
    gate.cache_clear()
    try:
        with gate().admitted():
            response = upload(client)
        assert (response.status_code, response.json()["code"]) == (503, "busy")
        assert int(response.headers["Retry-After"]) >= 1
        assert upload(client).status_code == 200
    finally:
        gate.cache_clear()
