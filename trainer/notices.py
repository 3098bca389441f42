"""Short texts that rank 0 sends to the other processes of a run before and after training, where no collective runs."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from torch.distributed import DistError
from torch.distributed.rendezvous import rendezvous

from dogbreed.errors import DogbreedError
from trainer.distributed import World

LOOK_EVERY = timedelta(minutes=10)  # a wait is repeated for as long as the store can be reached; PyTorch reports each
LEAVE_WITHIN = timedelta(seconds=60)


class ProcessesError(DogbreedError):
    """The processes of a run cannot work together; the message says why and what to do."""


class Notices:
    """Notices in the store at MASTER_ADDR:MASTER_PORT, which torchrun names for every start of its processes.

    The store is in rank 0's process, or in the torchrun beside it. So waiting for a notice ends with an error when
    that process or its machine is gone. A single process has no store: it reads what it posted.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.posted: dict[str, str] = {}
        self._store: Any = next(rendezvous("env://"))[0] if world.size > 1 else None

    def decided(self, name: str, decide: Callable[[], str]) -> str:
        """What `decide` returns in rank 0. It is called there only; the other processes wait for its result.

        Raises:
            ProcessesError: rank 0 ended without an answer.
        """
        if self.world.writes:
            self.posted[name] = decide()
            if self._store:
                self._store.set(_key(name), self.posted[name])
            return self.posted[name]
        return self._read(name)

    def leave_together(self) -> None:
        """Waits in every other process until rank 0 has arrived here too: only then is the run's work done.

        Raises:
            ProcessesError: rank 0 ended without arriving here.
        """
        self.decided("done", lambda: "yes")
        if not self._store:
            return
        if not self.world.writes:
            self._store.set(_key(f"left {self.world.rank}"), "yes")
            return
        # Its process may hold the store, which the others still read. If one of them is gone, that is no failure now.
        with contextlib.suppress(DistError, RuntimeError):
            self._store.wait([_key(f"left {rank}") for rank in range(1, self.world.size)], LEAVE_WITHIN)

    def _read(self, name: str) -> str:
        store = self._store
        while store:
            try:
                store.wait([_key(name)], LOOK_EVERY)
                return str(store.get(_key(name)).decode())
            except (DistError, RuntimeError) as error:
                if "timeout" not in str(error).lower():
                    raise ProcessesError(
                        "The first process of this run has ended, or its machine cannot be reached. What it wrote last "
                        "says why."
                    ) from error
        return self.posted[name]


def _key(name: str) -> str:
    return f"dogbreed/{name}"
