"""Decisions that all processes of a run must make after the same step."""

from typing import cast

import torch
from torch import distributed as dist

from trainer.distributed import World
from trainer.notices import ProcessesError


class Agreement:
    """Processes that ask one another after every step whether to save or to stop.

    Each process has its own clock and gets its own signals. If one saved a checkpoint, which all must do together,
    while another already computed the next step, both would wait for each other forever.

    The group is one of its own, on the CPU: it neither waits for a GPU nor mixes with the exchange of gradients.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._group: dist.ProcessGroup | None = None

    def begin(self, *position: int) -> None:
        """Connects the processes and checks that all of them are at the same position of the run.

        Raises:
            ProcessesError: they are not: they read different checkpoints, or one of them read none.
        """
        if self.world.size == 1:
            return
        self._group = cast(dist.ProcessGroup, dist.new_group(backend="gloo"))
        mine = torch.tensor(position)
        positions = [torch.empty_like(mine) for _ in range(self.world.size)]
        dist.all_gather(positions, mine, group=self._group)
        if any(not torch.equal(mine, other) for other in positions):
            raise ProcessesError(
                "The processes found different checkpoints: their (step, epoch, batch) are "
                f"{', '.join(str(tuple(other.tolist())) for other in positions)}. The run's folder must be the "
                "same, on a shared disk, for all machines. Start again with --continue; a network disk may show an old "
                "file for a minute."
            )

    def any(self, *answers: bool) -> list[bool]:
        """For each question, whether any process answers yes. All processes must ask at the same step."""
        if self._group is None:
            return list(answers)
        votes = torch.tensor(answers, dtype=torch.uint8)
        dist.all_reduce(votes, dist.ReduceOp.MAX, group=self._group)
        return [bool(vote) for vote in votes]
