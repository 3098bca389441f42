"""Limits how many predictions a process accepts. The rest are refused at once, so that the queue cannot grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, Lock

from django.conf import settings

from api import metrics
from api.exceptions import Busy
from dogbreed.model.engines.threads import inference_threads


class Gate:
    """Lets up to `running` predictions run at once, and up to `pending` run or wait. Threads share one gate."""

    def __init__(self, running: int, pending: int) -> None:
        self._limit = pending
        self._pending = 0
        self._lock = Lock()
        self._running = BoundedSemaphore(running)

    def refuse_if_full(self) -> None:
        """Raises `Busy` if no prediction would be admitted now. Call it before reading an upload."""
        if self._pending >= self._limit:
            raise Busy

    @property
    def is_idle(self) -> bool:
        """Whether no more than the prediction that asks runs or waits."""
        return self._pending <= 1

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Waits until a prediction may run. Raises `Busy` if too many run or wait already."""
        with self._lock:
            self.refuse_if_full()
            self._pending += 1
        try:
            with metrics.PENDING.track_inprogress(), self._running:
                yield
        finally:
            with self._lock:
                self._pending -= 1


@cache
def gate() -> Gate:
    """The process's gate. One prediction more than there are cores may run: it decodes while the others compute."""
    return Gate(inference_threads(settings.WEB_CONCURRENCY) + 1, settings.DOGBREED_MAX_PENDING)
