"""How many predictions a process takes on: the rest is told so at once, instead of waiting in a queue that grows."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, Lock

from django.conf import settings

from api import metrics
from api.exceptions import Busy
from dogbreed.model.engines.threads import inference_threads


class Gate:
    """Lets `running` predictions run at once and up to `pending` run or wait. Threads share one."""

    def __init__(self, running: int, pending: int) -> None:
        self._limit = pending
        self._pending = 0
        self._lock = Lock()
        self._running = BoundedSemaphore(running)

    def refuse_if_full(self) -> None:
        """Raises `Busy` where nobody else would be admitted now: before the work of reading an upload."""
        if self._pending >= self._limit:
            raise Busy

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Waits for its turn. Raises `Busy` when too many run or wait already."""
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
    """The process's own. One prediction more than there are cores may run: it decodes while the others compute."""
    return Gate(inference_threads(settings.WEB_CONCURRENCY) + 1, settings.DOGBREED_MAX_PENDING)
