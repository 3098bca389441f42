"""What a check sees, and what every check has in common."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from trainer.recipes.recipe import Recipe
from trainer.training.run_findings import Finding


@dataclass(frozen=True)
class Part:
    """What one optimizer step did to the parameters of the head or of the backbone.

    Attributes:
        name: "head" or "backbone".
        matrices: weights of layers that got gradients. Vectors, such as biases and scales, are not counted.
        weak_matrices: those whose gradients are so small that they count as vanished.
        gradient_norm: of all gradients.
        update_ratio: norm of the update of the matrices, relative to their norm.
        parameters: numbers in all tensors that the recipe trains in this epoch.
        unchanged: how many of them the step did not change, about: of large tensors the first rows are compared.
        zero_tensors: matrices that are trained and zero everywhere.
    """

    name: str
    matrices: int
    weak_matrices: int
    gradient_norm: float
    update_ratio: float
    parameters: int
    unchanged: int
    zero_tensors: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampledStep:
    """What was measured at a step; the steps in between have only their losses.

    Attributes:
        guess: the training loss of a network that finds all classes equally probable.
        rate: the learning rate of this step, relative to the recipe's own.
        losses: of every step since the last sample: (step, loss).
        parts: the parts of the network that are trained.
        finite: whether all gradients and weights are finite.
        dead, stuck: by layer with a ReLU, the share of its units that are almost never active, or always at the
            upper limit of a ReLU6. Empty until enough photos were seen.
        bad_data: what the training data holds that is not finite; only looked for where a loss is not.
    """

    step: int
    epoch: int
    steps: int
    recipe: Recipe
    guess: float
    rate: float
    losses: tuple[tuple[int, float], ...]
    parts: tuple[Part, ...]
    finite: bool
    dead: dict[str, float] = field(default_factory=dict)
    stuck: dict[str, float] = field(default_factory=dict)
    bad_data: str = ""


@dataclass(frozen=True)
class FinishedEpoch:
    """What was measured in an epoch.

    Attributes:
        rate: the learning rate at its end, relative to the recipe's own.
        losses: of the steps since the last sampled one: (step, loss).
        train_loss, train_acc1: of augmented photos, in training.
        clean_acc1: of some training photos, framed as validation photos are; None if it was not measured.
        clean_photos: their number.
        confusion: validation photos: int64 `[true class, predicted class]`.
    """

    step: int
    epoch: int
    recipe: Recipe
    label_names: list[str]
    rate: float
    losses: tuple[tuple[int, float], ...]
    train_loss: float
    train_acc1: float
    val_loss: float
    val_acc1: float
    confusion: Tensor
    clean_acc1: float | None = None
    clean_photos: int = 0


class Check:
    """Looks at what was measured and returns a finding when something is wrong.

    What a check remembers is in its attributes: numbers, texts, lists and dictionaries. They are kept in checkpoints,
    so that a resumed run finds what an uninterrupted one finds.
    """

    def at_step(self, seen: SampledStep) -> Finding | None:
        return None

    def at_epoch(self, seen: FinishedEpoch) -> Finding | None:
        return None

    def state(self) -> dict[str, Any]:
        return dict(vars(self))

    def restore(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


def slower(rate: float) -> str:
    """A tenth of a learning rate, as advice."""
    return f"Try a tenth: {rate / 10:.2g}."


def faster(rate: float) -> str:
    return f"Try ten times as much: {rate * 10:.2g}."
