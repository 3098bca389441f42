"""Limits how many pixels are decoded at once, so that memory does not grow with the number of large photos."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class PixelGate:
    """Lets photos be decoded at once while they have no more than `most` pixels together. Threads share one gate.

    They are admitted in the order in which they came. A photo with more than `most` pixels is decoded alone.
    """

    def __init__(self, most: int) -> None:
        self._free = self._most = most
        self._changed = Condition()
        self._waiting: deque[object] = deque()

    @contextmanager
    def admitted(self, pixels: int) -> Iterator[None]:
        """Waits until so many more pixels may be decoded; never for none."""
        if not pixels:
            yield
            return
        needed, me = min(pixels, self._most), object()
        with self._changed:
            self._waiting.append(me)
            self._changed.wait_for(lambda: self._waiting[0] is me and needed <= self._free)
            self._waiting.popleft()
            self._free -= needed
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += needed
                self._changed.notify_all()
