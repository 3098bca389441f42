"""One batch forwards and backwards before the first step: what would fail later is known at once.

Afterwards weights, buffers, gradients and random numbers are as they were.
"""

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from trainer.diagnosis import data_checks
from trainer.diagnosis.activations import evaluating
from trainer.diagnosis.clean_photos import CleanPhotos
from trainer.diagnosis.step_measures import trained_parameters
from trainer.diagnosis.training_findings import Finding
from trainer.photos.loading import Batch
from trainer.training.batches import Labelled
from trainer.training.lightning_module import BreedTraining
from trainer.training.losses import likeliest
from trainer.training.memory import BatchStart
from trainer.training.randomness import seed_everything
from trainer.training.run_config import RunConfig

PHOTOS = 16  # of the batch: enough to see what fails, and cheap


def rehearse(
    trainer: Trainer, module: BreedTraining, batch: Batch, data: Labelled, config: RunConfig, backward: bool
) -> list[Finding]:
    """Findings before the first step.

    Args:
        batch: the first batch of the run, on the module's device.
        data: what the first epoch trains on.
        backward: whether to compute gradients too. Several processes do that only together.
    """
    trained = [parameter for _, _, parameter in trained_parameters(module)]
    found = [data_checks.class_imbalance(likeliest(data.targets), config.label_names, config.recipe)]
    if not any(parameter.requires_grad for parameter in trained):
        found.append(_nothing_trained())
    start = BatchStart(module.network, module.device)
    try:
        with trainer.precision_plugin.forward_context():
            if backward and len(batch[0]) > 1 and any(parameter.requires_grad for parameter in trained):
                found += _batch_there_and_back(module, batch)
            found += _start_of_the_network(module, data, config)
    finally:
        start.restore()
    return [finding for finding in found if finding]


def _start_of_the_network(module: BreedTraining, data: Labelled, config: RunConfig) -> list[Finding | None]:
    with evaluating(module.network):
        logits, labels = CleanPhotos(data).logits(module)
    if not logits.isfinite().all():
        return []  # the first batch says so too
    wrong = config.backbone_weights != "none" and data_checks.contradicting_labels(logits, labels)
    return [wrong or data_checks.poor_initialization(logits, labels)]


def _batch_there_and_back(module: BreedTraining, batch: Batch) -> list[Finding | None]:
    seed_everything(module.seed)
    inputs, targets = batch[0][:PHOTOS], batch[1][:PHOTOS]
    found: list[Finding | None] = []
    if inputs.dtype == torch.uint8:
        inputs = module.normalize(module.augment(inputs))
        found.append(data_checks.input_not_normalized(inputs))
    gradients = _gradients(module, inputs, targets)
    if not all(bool(gradient.isfinite().all()) for gradient in gradients):
        found.append(_not_finite(inputs, targets, module))
    return found


def _gradients(module: BreedTraining, inputs: Tensor, targets: Tensor) -> list[Tensor]:
    """The loss, and the gradients of all parameters. No parameter keeps its gradient."""
    parameters = [parameter for parameter in module.network.parameters() if parameter.requires_grad]
    loss = module.criterion(inputs, module.logits(inputs).float(), targets)
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    return [loss.detach(), *(gradient for gradient in found if gradient is not None)]


def _nothing_trained() -> Finding:
    return Finding(
        "nothing-trained",
        "No parameter of the network is trained.",
        "Training would change nothing.",
        "training.frozen_epochs",
        "Let the head or more of the network be trained.",
    )


def _not_finite(inputs: Tensor, targets: Tensor, module: BreedTraining) -> Finding:
    bad = "its input is not finite" if not inputs.isfinite().all() else "the network computes it"
    if not targets.isfinite().all():
        bad = "its targets are not finite"
    return Finding(
        "not-finite",
        f"The loss or the gradients of the first batch are not finite numbers: {bad}.",
        "Training would lose the network with its first step.",
        "training.precision" if bad == "the network computes it" else "--cache",
        "Try float32, and check the starting weights."
        if bad == "the network computes it"
        else "Remove the cached features, so that they are computed again.",
    )
