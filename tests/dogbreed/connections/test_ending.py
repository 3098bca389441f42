"""How long a connection is read after its answer."""

from dogbreed.connections.ending import IDLE_SECONDS, LINGER_BYTES, LINGER_SECONDS, Ending


def test_a_client_that_sends_nothing_more_is_left_soon():
    assert Ending(now=0).deadline == IDLE_SECONDS


def test_a_client_that_is_still_sending_is_read_but_not_for_ever():
    ending = Ending(now=0)
    ending.has_sent(1000, now=4)
    assert ending.deadline == 4 + IDLE_SECONDS
    ending.has_sent(1000, now=LINGER_SECONDS - 1)
    assert ending.deadline == LINGER_SECONDS


def test_a_client_that_sends_without_end_is_left():
    ending = Ending(now=0)
    ending.has_sent(LINGER_BYTES, now=1)
    assert ending.deadline == 1
