"""Which steps are measured, and what their numbers are compared with."""

import math

import numpy as np
import torch
from torch import Tensor

from trainer.training.batches import Labelled

FIRST_STEPS, EVERY = 3, 10
ACTIVATIONS_EVERY = 30  # they cost a forward pass of some photos
ROWS_AT_ONCE = 256


def is_sampled(step: int) -> bool:
    """Whether an optimizer step, counted from 1, is measured: the first three, and then every tenth."""
    return step <= FIRST_STEPS or step % EVERY == 0


def counts_activations(step: int) -> bool:
    """Whether activations are counted at a step, counted from 1."""
    return step <= FIRST_STEPS or step % ACTIVATIONS_EVERY == 0


def guessing_loss(targets: Tensor, classes: int) -> float:
    """The training loss of a network that finds all classes equally probable.

    Args:
        targets: class indices `[n]`, or shares `[n, classes]` that add up to the weight of each photo.
    """
    weight = float(targets.sum(dim=1).mean()) if targets.ndim == 2 else 1.0
    return weight * math.log(classes)


def relative_rate(optimizer: torch.optim.Optimizer) -> float:
    """The learning rate of the next step, relative to the recipe's own."""
    group = optimizer.param_groups[0]
    return float(group["lr"]) / float(group["initial_lr"])


def bad_rows(data: Labelled) -> str:
    """A sentence on the first row or target of training data that is not finite; empty if all are."""
    for begin in range(0, len(data), ROWS_AT_ONCE):
        rows = data.rows[begin : begin + ROWS_AT_ONCE]
        if rows.dtype != np.uint8 and not np.isfinite(rows).all():
            return "The cached features in that folder hold values that are not finite."
    if not data.targets.isfinite().all():
        return "The cached answers of the teachers in that folder hold values that are not finite."
    return ""
