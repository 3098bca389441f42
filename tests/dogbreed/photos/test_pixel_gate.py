"""Large photos are decoded one after another, and small ones do not wait for them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from dogbreed.photos.decoding import LARGE, open_photo
from dogbreed.photos.pixel_gate import PixelGate
from tests.http import wait_until
from tests.image_files import encoded, noise, png_bomb

PATIENCE = 30  # seconds, only where something is broken


def test_no_more_pixels_are_admitted_at_once_than_there_is_room_for():
    gate, lock, held, most = PixelGate(100), Lock(), 0, 0

    def decode(pixels: int) -> None:
        nonlocal held, most
        with gate.admitted(pixels):
            with lock:
                held += pixels
                most = max(most, held)
            with lock:
                held -= pixels

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(decode, [30, 60, 100, 10, 50] * 200))
    assert held == 0
    assert most <= 100


def test_photos_that_fit_together_are_decoded_together():
    gate, together = PixelGate(100), Barrier(2, timeout=PATIENCE)

    def decode(pixels: int) -> None:
        with gate.admitted(pixels):
            together.wait()  # fails if one has to wait for the other

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(decode, [50, 50]))


def test_a_large_photo_waits_and_is_not_overtaken():
    gate, order, first, done = PixelGate(100), [], Event(), Event()

    def decode(name: str, pixels: int) -> None:
        with gate.admitted(pixels):
            order.append(name)
            if name == "first":
                first.set()
                done.wait(PATIENCE)

    with ThreadPoolExecutor(3) as threads:
        threads.submit(decode, "first", 60)
        first.wait(PATIENCE)
        threads.submit(decode, "large", 100)
        wait_until(lambda: len(gate._waiting) == 1, "the large photo waits")
        threads.submit(decode, "later", 30)
        wait_until(lambda: len(gate._waiting) == 2, "the later photo waits")
        assert order == ["first"]
        done.set()
    assert order == ["first", "large", "later"]


def test_a_photo_above_the_limit_is_decoded_alone_and_an_error_leaves_room():
    gate = PixelGate(100)
    with pytest.raises(ValueError, match="broken"), gate.admitted(1000):
        raise ValueError("broken")
    with gate.admitted(100):
        pass


def test_a_small_photo_does_not_wait_for_large_ones():
    gate = PixelGate(LARGE + 10**6)
    with gate.admitted(LARGE):
        assert open_photo(encoded(noise()), LARGE, gate=gate).image.size == (80, 60)


def test_a_large_photo_waits_for_its_turn():
    gate = PixelGate(LARGE + 10**6)
    with ThreadPoolExecutor(1) as threads:
        with gate.admitted(LARGE):
            large = threads.submit(open_photo, png_bomb(4000, 4100), LARGE + 10**6, 600, gate)
            wait_until(lambda: len(gate._waiting) == 1, "the photo waits")
            assert not large.done()
        assert large.result(PATIENCE).height == 4100
