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
from trainer.photos.loading import Batch
from trainer.training.batches import Labelled
from trainer.training.lightning_module import BreedTraining
from trainer.training.losses import likeliest
from trainer.training.memory import BatchStart
from trainer.training.randomness import seed_everything
from trainer.training.run_config import RunConfig
from trainer.training.run_findings import Finding

PHOTOS = 16  # of the batch: enough to see what fails, and cheap


def rehearse(trainer: Trainer, module: BreedTraining, batch: Batch, data: Labelled, config: RunConfig) -> list[Finding]:
    """Findings before the first step.

    Args:
        batch: the first batch of the run, on the module's device. Of several processes each tries its own part.
        data: what the first epoch trains on.
    """
    trained = [parameter for _, _, parameter in trained_parameters(module)]
    found = [data_checks.class_imbalance(likeliest(data.targets), config.label_names, config.recipe)]
    if not any(parameter.requires_grad for parameter in trained):
        found.append(_nothing_trained())
    start = BatchStart(module.network, module.device)
    try:
        with trainer.precision_plugin.forward_context():
            if config.backbone_weights != "none" or config.retrained_from:
                found.append(_labels(module, data))
            if len(batch[0]) > 1 and any(parameter.requires_grad for parameter in trained):
                found += _batch_there_and_back(module, batch)
    finally:
        start.restore()
    return [finding for finding in found if finding]


def _labels(module: BreedTraining, data: Labelled) -> Finding | None:
    with evaluating(module.network):
        logits, labels = CleanPhotos(data).logits(module)
    return data_checks.contradicting_labels(logits, labels)


def _batch_there_and_back(module: BreedTraining, batch: Batch) -> list[Finding | None]:
    seed_everything(module.seed)
    inputs, targets = batch[0][:PHOTOS], batch[1][:PHOTOS]
    found: list[Finding | None] = []
    if inputs.dtype == torch.uint8:
        inputs = module.normalize(module.augment(inputs))
        found.append(data_checks.input_not_normalized(inputs))
    parameters = [parameter for parameter in module.network.parameters() if parameter.requires_grad]
    logits = module.logits(inputs).float()
    loss = module.criterion(inputs, logits, targets)
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)  # no parameter keeps its gradient
    if all(bool(tensor.isfinite().all()) for tensor in (loss, *gradients) if tensor is not None):
        found.append(data_checks.poor_initialization(logits.detach(), likeliest(targets)))
    else:
        found.append(_not_finite(inputs, targets))
    return found


def _nothing_trained() -> Finding:
    return Finding(
        "nothing-trained",
        "No parameter of the network is trained.",
        "Training would change nothing.",
        "training.frozen_epochs",
        "Let the head or more of the network be trained.",
    )


def _not_finite(inputs: Tensor, targets: Tensor) -> Finding:
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
