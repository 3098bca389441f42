"""Which of several processes this is, where `torchrun` started them; without it there is only one."""

import logging
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class World:
    """The rank of this process and the number of processes. Rank 0 writes files and log lines; the others compute."""

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
    """Reads the variables that `torchrun` sets: RANK, WORLD_SIZE and LOCAL_WORLD_SIZE."""
    return World(
        int(os.environ.get("RANK", 0)),
        int(os.environ.get("WORLD_SIZE", 1)),
        int(os.environ.get("LOCAL_WORLD_SIZE", 1)),
    )


def log_from_rank_zero(world: World) -> None:
    """Silences the lines for people in all processes but one, which would otherwise all print the same."""
    if not world.writes:
        logging.getLogger(__package__).setLevel(logging.WARNING)
