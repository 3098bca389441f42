"""One network, compiled twice: for a photo that is alone, and for several at once."""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import Outputs
from dogbreed.model.engines.engine import Engine


class EngineByLoad:
    """See `Engine`. A photo that comes alone gets all cores; those that come together get one core each.

    Several photos on all cores at once would wait for each other at every layer.

    Args:
        alone: an engine whose inferences use all cores.
        together: the same network in the same precision; its inferences use one core each.
    """

    def __init__(self, alone: Engine, together: Engine) -> None:
        self.alone, self.together = alone, together
        self.name, self.precision, self.output_names = alone.name, alone.precision, alone.output_names
        self._lock = Lock()
        self._running = 0

    def outputs(self, batch: NDArray[np.float32]) -> Outputs:
        """float32 `[n, 3, h, w]`, normalized -> float32 arrays by output."""
        with self._lock:
            self._running += 1
            engine = self.alone if self._running == 1 else self.together
        try:
            return engine.outputs(batch)
        finally:
            with self._lock:
                self._running -= 1
