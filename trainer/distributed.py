"""One process among several, as `torchrun` starts them; without it, the only one."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class World:
    """Which process this is, and of how many. Rank 0 writes; the others only compute."""

    rank: int = 0
    size: int = 1
    on_this_machine: int = 1

    @property
    def writes(self) -> bool:
        return self.rank == 0

    @property
    def machines(self) -> int:
        return self.size // self.on_this_machine


ALONE = World()


def this_process() -> World:
    """Read from what `torchrun` sets (RANK, WORLD_SIZE, LOCAL_WORLD_SIZE): its interface, no setting of ours."""
    return World(
        int(os.environ.get("RANK", 0)),
        int(os.environ.get("WORLD_SIZE", 1)),
        int(os.environ.get("LOCAL_WORLD_SIZE", 1)),
    )
