"""What one optimizer step does to gradients and weights: collected as tensors, and read once."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from trainer.diagnosis.check import Part
from trainer.diagnosis.weight_checks import VANISHED
from trainer.networks.weights import HEAD
from trainer.training.lightning_module import BreedTraining

COMPARED = 65_536  # numbers of a tensor that are compared before and after a step; of larger ones the first rows


@dataclass(frozen=True)
class _Trained:
    """A parameter that the recipe trains, and a copy of its first rows before the step."""

    name: str
    part: str
    parameter: nn.Parameter
    before: Tensor
    has_gradient: bool


class StepMeasures:
    """The state before an optimizer step, to be compared with that after it.

    Create it when the gradients are computed, and call `parts` after the step.
    """

    def __init__(self, module: BreedTraining) -> None:
        self.trained = [
            _Trained(name, part, parameter, first_rows(parameter).clone(), parameter.grad is not None)
            for name, part, parameter in trained_parameters(module)
        ]
        gradients = [cast(Tensor, each.parameter.grad) for each in self.trained if each.has_gradient]
        self.gradients = _norms(gradients, 1), _norms(gradients, 2)

    def parts(self) -> tuple[tuple[Part, ...], bool]:
        """The parts of the network that are trained, and whether all gradients and weights are finite."""
        before, after = [each.before for each in self.trained], [first_rows(each.parameter) for each in self.trained]
        changes = list(torch._foreach_sub(after, before))
        numbers = [_norms(changes, 2), _same(changes), _norms(before, 2), _whole_norms(self.trained)]
        with_gradient = len(self.gradients[0])
        # The only transfer from the device.
        values = torch.cat([*self.gradients, *numbers]).tolist()
        absolute, squared = values[:with_gradient], values[with_gradient : 2 * with_gradient]
        rest, count = values[2 * with_gradient :], len(self.trained)
        changed, same, old, whole = (rest[i * count : (i + 1) * count] for i in range(4))
        total = sum(squared) + sum(whole) + sum(changed)
        gradients = iter(zip(absolute, squared, strict=True))
        rows = [
            _Row(each, *(next(gradients) if each.has_gradient else (0.0, 0.0)), *numbers)
            for each, *numbers in zip(self.trained, changed, same, old, whole, strict=True)
        ]
        names = dict.fromkeys(each.part for each in self.trained)
        return tuple(_part(name, [row for row in rows if row.of.part == name]) for name in names), math.isfinite(total)


@dataclass(frozen=True)
class _Row:
    of: _Trained
    gradient_l1: float
    gradient_l2: float
    change: float
    same: float
    old: float
    whole: float

    @property
    def is_matrix(self) -> bool:
        return self.of.parameter.ndim > 1

    @property
    def is_weak(self) -> bool:
        return self.gradient_l1 < VANISHED * self.of.parameter.numel()


def _part(name: str, rows: list[_Row]) -> Part:
    matrices = [row for row in rows if row.is_matrix and row.of.has_gradient]
    size = math.hypot(*(row.old for row in matrices))
    return Part(
        name=name,
        matrices=len(matrices),
        weak_matrices=sum(row.is_weak for row in matrices),
        gradient_norm=math.hypot(*(row.gradient_l2 for row in rows)),
        update_ratio=math.hypot(*(row.change for row in matrices)) / size if size else 0.0,
        parameters=sum(row.of.parameter.numel() for row in rows),
        unchanged=round(sum(row.of.parameter.numel() * row.same for row in rows)),
        zero_tensors=tuple(row.of.name for row in matrices if row.whole == 0),
    )


def trained_parameters(module: BreedTraining) -> Iterator[tuple[str, str, nn.Parameter]]:
    """(name, "head" or "backbone", parameter) of all that the recipe trains in this epoch, frozen by mistake or not."""
    training, epoch = module.recipe.training, module.current_epoch
    if training.trains_backbone(epoch):
        wanted = {id(parameter) for parameter in module.trained_part().parameters()}
    else:
        parts = (module.network.backbone.get_submodule(part) for part in training.thawed(epoch))
        wanted = {id(parameter) for part in parts for parameter in part.parameters()}
    for name, parameter in module.network.named_parameters():
        if name.startswith(HEAD):
            yield name, "head", parameter
        elif id(parameter) in wanted:
            yield name, "backbone", parameter


def first_rows(parameter: Tensor) -> Tensor:
    """A view of the first rows of a tensor, of at most `COMPARED` numbers if it has more than one row."""
    if parameter.ndim == 0 or parameter.numel() <= COMPARED:
        return parameter.detach()
    return parameter.detach()[: max(1, COMPARED * len(parameter) // parameter.numel())]


def _norms(tensors: list[Tensor], order: float) -> Tensor:
    """The norm of each tensor: float32 `[n]`."""
    return torch.stack(torch._foreach_norm(tensors, order)).float() if tensors else torch.zeros(0)


def _same(changes: list[Tensor]) -> Tensor:
    """The share of numbers in each tensor that are zero: float32 `[n]`."""
    return torch.stack([1 - torch.count_nonzero(change) / change.numel() for change in changes])


def _whole_norms(trained: list[_Trained]) -> Tensor:
    return _norms([each.parameter.detach() for each in trained], 2)
