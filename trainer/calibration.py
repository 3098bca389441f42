"""How sure the model may sound: a temperature fitted on the validation part."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dogbreed.bundle import BundleConfig
from dogbreed.calibration import Calibration
from trainer.datasets import serving_loader
from trainer.machine import keep_freed_memory, worker_count
from trainer.photos import training_parts

BATCH_SIZE = 64


def calibrate(network: nn.Module, config: BundleConfig, data: Path) -> Calibration:
    """Fits a network's calibration (on the CPU, in evaluation mode) on the validation part of the data it learnt from.

    Raises:
        PhotosError: `data` is not organized.
    """
    keep_freed_memory()
    _, validation = training_parts(config, data)
    outputs, labels = [], []
    with torch.inference_mode():
        for images, targets in serving_loader(validation, config, BATCH_SIZE, worker_count()):
            outputs.append(network(images))
            labels.append(targets)
    return Calibration(temperature=round(fit_temperature(torch.cat(outputs), torch.cat(labels)), 4))


def fit_temperature(logits: Tensor, targets: Tensor) -> float:
    """The temperature that makes softmax(logits / temperature) least surprised by the labels (Guo et al. 2017).

    Args:
        logits: `[photos, classes]`.
        targets: class indices `[photos]`.

    Returns:
        A positive number: above 1 where the network is too sure of itself, below 1 where it is too modest.
    """
    # As exp(x) it stays above zero. The loss is convex in 1 / temperature, so there is one minimum to find.
    exponent = torch.zeros((), dtype=torch.float64, requires_grad=True)
    scores = logits.detach().clone().double()
    optimizer = torch.optim.LBFGS([exponent], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(scores / exponent.exp(), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    # A network that is never wrong here would be told to be infinitely sure: a few hundred photos cannot show that.
    return float(exponent.detach().exp().clamp(0.25, 4.0))
