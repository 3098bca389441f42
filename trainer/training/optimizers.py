"""The optimizer of a recipe, its parameter groups, and the schedule of its learning rate."""

import math
from typing import Any

import torch
from torch import nn

from trainer.networks.weights import HEAD
from trainer.recipes.recipe import Optimizer


class Schedule:
    """The factor of the learning rate at a step: linear warm-up, then the recipe's decay."""

    def __init__(self, settings: Optimizer, steps: int) -> None:
        self.kind = settings.schedule
        self.steps = max(steps, 1)
        self.warmup_steps = max(round(steps * settings.warmup), 1)

    def __call__(self, step: int) -> float:
        done = min(step / self.steps, 1)
        decay = {"cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done, "constant": 1.0}[self.kind]
        return min((step + 1) / self.warmup_steps, decay)


def build_optimizer(network: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    groups = parameter_groups(network, settings)
    match settings.name:
        case "adamw":
            return torch.optim.AdamW(groups)
        case "adam":
            return torch.optim.Adam(groups)
        case "sgd":
            return torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, nesterov=settings.momentum > 0)


def parameter_groups(network: nn.Module, settings: Optimizer) -> list[dict[str, Any]]:
    """Separates head and backbone, which have learning rates of their own, and matrices, which decay, from vectors."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith(HEAD), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": settings.lr * (1.0 if is_head else settings.backbone_lr_factor),
            "weight_decay": settings.weight_decay if is_matrix else 0.0,
        }
        for (is_head, is_matrix), parameters in groups.items()
    ]
