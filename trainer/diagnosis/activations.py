"""Which units of layers with a ReLU are active, on a few photos at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from trainer.diagnosis.clean_photos import clean_logits
from trainer.training.lightning_module import BreedTraining
from trainer.training.memory import BatchStart

PHOTOS = 16  # at a time
KEEP = 0.5  # of what was counted before, with every new count: the last two or three counts matter
LEAST_COUNTS = 3
ALMOST_NEVER, ALMOST_ALWAYS = 0.01, 0.99
RELU6_LIMIT = 6.0


class ActivationCounts:
    """How often each unit is above zero, and at the upper limit of a ReLU6, by layer."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}  # [2, units]: active, at the limit
        self.counts: dict[str, float] = {}
        self.times: Counter[str] = Counter()

    def add(self, module: BreedTraining, inputs: Tensor) -> None:
        """Counts on the first photos of a batch, in the mode of training; restores what that changes.

        In evaluation mode a network with batch normalization seems dead at first: its averages come late.
        """
        layers = _watched_layers(module)
        if not layers or len(inputs) < 2:
            return
        start = BatchStart(module.network, module.device)
        with torch.no_grad(), _watching(layers, self._count):
            clean_logits(module, inputs[:PHOTOS])
        start.restore()

    def _count(self, name: str, output: Tensor) -> None:
        others = [axis for axis in range(output.ndim) if axis != (1 if output.ndim == 4 else output.ndim - 1)]
        shares = torch.stack([(output > 0).float().mean(others), (output >= RELU6_LIMIT).float().mean(others)])
        before = self.sums.get(name)
        self.sums[name] = shares if before is None else KEEP * before.to(shares.device) + shares
        self.counts[name] = KEEP * self.counts.get(name, 0.0) + 1
        self.times[name] += 1

    def shares(self, module: BreedTraining) -> tuple[dict[str, float], dict[str, float]]:
        """By layer the share of units that are almost never active, and of those that are almost always at 6."""
        names = [name for name in self.sums if self.times[name] >= LEAST_COUNTS]
        if not names:
            return {}, {}
        means = [self.sums[name] / self.counts[name] for name in names]
        dead = torch.stack([(mean[0] < ALMOST_NEVER).float().mean() for mean in means]).tolist()
        stuck = torch.stack([(mean[1] > ALMOST_ALWAYS).float().mean() for mean in means]).tolist()
        limited = [name for name in names if isinstance(module.network.get_submodule(_layer(name)), nn.ReLU6)]
        return dict(zip(names, dead, strict=True)), {name: stuck[names.index(name)] for name in limited}

    def state(self) -> dict[str, Any]:
        sums = {name: values.cpu() for name, values in self.sums.items()}
        return {"sums": sums, "counts": dict(self.counts), "times": dict(self.times)}

    def restore(self, state: dict[str, Any]) -> None:
        self.sums, self.counts, self.times = dict(state["sums"]), dict(state["counts"]), Counter(state["times"])


def _watched_layers(module: BreedTraining) -> dict[str, nn.Module]:
    """The ReLUs of the head and, while it is trained, of the backbone."""
    training, epoch = module.recipe.training, module.current_epoch
    trained = training.trains_backbone(epoch) or bool(training.thawed(epoch))
    return {
        name: layer
        for name, layer in module.network.named_modules()
        if isinstance(layer, nn.ReLU | nn.ReLU6) and (trained or name.startswith("head."))
    }


def _layer(name: str) -> str:
    """The module of a name such as `backbone.layer1.0.relu, call 2`."""
    return name.split(", ")[0]


@contextmanager
def _watching(layers: dict[str, nn.Module], count: Callable[[str, Tensor], None]) -> Iterator[None]:
    calls: Counter[str] = Counter()  # some networks use one ReLU several times

    def hook(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def seen(layer: nn.Module, inputs: Any, output: Tensor) -> None:
            calls[name] += 1
            count(name if calls[name] == 1 else f"{name}, call {calls[name]}", output)

        return seen

    handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """The network in evaluation mode; afterwards each layer is in the mode that it was in."""
    modes = [(layer, layer.training) for layer in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode
