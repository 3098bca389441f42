"""Seeds that depend only on the run's seed and the position in training. Nothing here needs PyTorch."""

import numpy as np


def seed_for(*position: int) -> int:
    """A seed for a position in a run: (seed, epoch), (seed, epoch, batch), …"""
    return int(np.random.SeedSequence(position).generate_state(1, np.uint64)[0] >> 1)
