"""One network, compiled twice: for a photo that is alone, and for several at once."""

import logging
from collections.abc import Callable
from threading import Lock, Thread

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import Outputs
from dogbreed.model.bundle import BundleError
from dogbreed.model.engines.engine import Engine

logger = logging.getLogger(__name__)


class EngineByLoad:
    """See `Engine`. A photo that comes alone gets all cores; those that come together get one core each.

    Several photos on all cores at once would wait for each other at every layer. The second compilation takes time and
    memory, so it is made in the background when photos come together for the first time.

    Args:
        alone: an engine whose inferences use all cores.
        compile_together: makes an engine of the same network in the same precision, whose inferences use one core each.
            It raises BundleError if that does not give the same answers; then there is only `alone`.
    """

    def __init__(self, alone: Engine, compile_together: Callable[[], Engine]) -> None:
        self.alone, self.together = alone, alone
        self.name, self.precision, self.output_names = alone.name, alone.precision, alone.output_names
        self._compile_together = compile_together
        self._lock = Lock()
        self._running = 0
        self._compiling: Thread | None = None

    def outputs(self, batch: NDArray[np.float32]) -> Outputs:
        """float32 `[n, 3, h, w]`, normalized -> float32 arrays by output."""
        with self._lock:
            self._running += 1
            is_alone = self._running == 1
        try:
            if is_alone:
                return self.alone.outputs(batch)
            self._start_compiling()
            return self.together.outputs(batch)
        finally:
            with self._lock:
                self._running -= 1

    def compile_now(self) -> None:
        """Makes the second compilation, and waits for it."""
        self._start_compiling().join()

    def _start_compiling(self) -> Thread:
        with self._lock:
            if self._compiling is None:
                # Not a daemon: a process that ends waits for it, because C++ code must not be cut off.
                self._compiling = Thread(target=self._compile)
                self._compiling.start()
            return self._compiling

    def _compile(self) -> None:
        try:
            self.together = self._compile_together()
        except BundleError as error:
            logger.warning("Photos that come together are answered more slowly than they could be: %s", error)
