"""Which units of layers with a ReLU are active, on a few photos at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from trainer.diagnosis.clean_photos import clean_logits
from trainer.networks.weights import HEAD
from trainer.training.lightning_module import BreedTraining
from trainer.training.memory import BatchStart

PHOTOS = 16  # at a time
KEEP = 0.5  # of what was counted before, with every new count: the last two or three counts matter
LEAST_COUNTS = 3
ALMOST_NEVER, ALMOST_ALWAYS = 0.01, 0.99
RELU6_LIMIT = 6.0
RELUS = {F.relu, F.relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_}


class ActivationCounts:
    """How often each unit is above zero, and at the upper limit of a ReLU6, by layer."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}  # [2, units]: active, at the limit
        self.counts: dict[str, float] = {}
        self.times: Counter[str] = Counter()
        self.limited: set[str] = set()  # layers with a ReLU6
        self.without: set[str] = set()  # parts of the network that have no ReLU

    def add(self, module: BreedTraining, inputs: Tensor) -> None:
        """Counts on the first photos of a batch, in the mode of training; restores what that changes.

        In evaluation mode a network with batch normalization seems dead at first: its averages come late.
        """
        watched = _watched(module)
        if watched in self.without or len(inputs) < 2:
            return
        start = BatchStart(module.network, module.device)
        with torch.no_grad(), _calls(module.network) as layers, _ReLUs(layers, watched, self._count) as relus:
            clean_logits(module, inputs[:PHOTOS])
        start.restore()
        if not relus.calls:
            self.without.add(watched)  # such as a network with SiLU: not looked at again

    def _count(self, name: str, output: Tensor, limited: bool) -> None:
        others = [axis for axis in range(output.ndim) if axis != (1 if output.ndim == 4 else output.ndim - 1)]
        active = (output > 0).float().mean(others)
        at_limit = (output >= RELU6_LIMIT).float().mean(others) if limited else torch.zeros_like(active)
        shares, before = torch.stack([active, at_limit]), self.sums.get(name)
        self.sums[name] = shares if before is None else KEEP * before.to(shares.device) + shares
        self.counts[name] = KEEP * self.counts.get(name, 0.0) + 1
        self.times[name] += 1
        if limited:
            self.limited.add(name)

    def shares(self) -> tuple[dict[str, float], dict[str, float]]:
        """By layer the share of units that are almost never active, and of those that are almost always at 6."""
        names = [name for name in self.sums if self.times[name] >= LEAST_COUNTS]
        if not names:
            return {}, {}
        means = [self.sums[name] / self.counts[name] for name in names]
        dead = torch.stack([(mean[0] < ALMOST_NEVER).float().mean() for mean in means]).tolist()
        stuck = torch.stack([(mean[1] > ALMOST_ALWAYS).float().mean() for mean in means]).tolist()
        limited = {name: share for name, share in zip(names, stuck, strict=True) if name in self.limited}
        return dict(zip(names, dead, strict=True)), limited

    def state(self) -> dict[str, Any]:
        sums = {name: values.cpu() for name, values in self.sums.items()}
        counted = {"counts": dict(self.counts), "times": dict(self.times)}
        return {"sums": sums, "limited": sorted(self.limited), **counted}

    def restore(self, state: dict[str, Any]) -> None:
        self.sums, self.counts, self.times = dict(state["sums"]), dict(state["counts"]), Counter(state["times"])
        self.limited = set(state["limited"])


def _watched(module: BreedTraining) -> str:
    """How the names of the layers that are trained begin: those of the head only while the backbone is frozen."""
    training, epoch = module.recipe.training, module.current_epoch
    return "" if training.trains_backbone(epoch) or training.thawed(epoch) else HEAD


class _ReLUs(TorchFunctionMode):
    """Counts what every ReLU lets through, whether it is a layer or a function that a layer calls.

    Args:
        layers: the names of the layers that are being computed, from the outermost to the innermost.
        watched: how the names of watched layers begin.
    """

    def __init__(self, layers: list[str], watched: str, count: Callable[[str, Tensor, bool], None]) -> None:
        super().__init__()
        self.layers, self.watched, self.count = layers, watched, count
        self.calls: Counter[str] = Counter()  # some layers use one ReLU several times

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        output, name = func(*args, **(kwargs or {})), self.layers[-1] if self.layers else ""
        if name.startswith(self.watched) and (func in RELUS or _is_relu6(func, kwargs)):
            self.calls[name] += 1
            named = name if self.calls[name] == 1 else f"{name}, call {self.calls[name]}"
            self.count(named, output, func not in RELUS)
        return output


def _is_relu6(func: Callable[..., Any], kwargs: dict[str, Any] | None) -> bool:
    limits = kwargs or {}
    return func is F.relu6 or (
        func is F.hardtanh and (limits.get("min_val"), limits.get("max_val")) == (0.0, RELU6_LIMIT)
    )


@contextmanager
def _calls(network: nn.Module) -> Iterator[list[str]]:
    """The names of the layers that are being computed at a moment, from the outermost to the innermost."""
    layers: list[str] = []

    def begin(name: str) -> Callable[[nn.Module, Any], None]:
        return lambda layer, inputs: layers.append(name)

    def end(layer: nn.Module, inputs: Any, output: Any) -> None:
        layers.pop()

    handles = []
    for name, layer in network.named_modules():
        handles += [layer.register_forward_pre_hook(begin(name)), layer.register_forward_hook(end)]
    try:
        yield layers
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
