"""Averages of networks that were trained from the same weights. They vary less than a single one and forget less."""

from pathlib import Path

import torch
from torch import Tensor

from dogbreed.model.bundle import Bundle, BundleError
from trainer.bundles.export import as_trained, bundle_network, export_network, photos_of
from trainer.calibration.calibrate import calibrate
from trainer.networks.network import network_of
from trainer.networks.weights import Pretrained, imagenet_head, load_pretrained
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import recipe_of

State = dict[str, Tensor]


def average(weighted: list[tuple[float, State]]) -> State:
    """The weighted average of networks, tensor by tensor; the shares add up to 1.

    Averaging trainings makes a model soup (Wortsman et al. 2022); averaging with the starting weights is WiSE-FT
    (Wortsman et al. 2022). Tensors that are not floating point are taken from the first network.
    """
    _, first = weighted[0]
    return {
        name: torch.stack([share * state[name] for share, state in weighted]).sum(dim=0)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in first.items()
    }


def blend_bundles(
    bundles: list[Bundle],
    start: Pretrained | None,
    share: float,
    data: Path,
    out: Path,
    progress: ProgressBar = silent,
) -> Bundle:
    """Averages bundles with a share of their starting weights, calibrates the result, and writes a bundle.

    Args:
        bundles: of the same network for the same breeds; the result takes its name and version from the first.
        start: the weights that all trainings started from; None if `share` is 0.
        share: of the starting weights, in 0..1.
        data: the organized photos that the bundles were trained on, for calibration on their validation part.

    Raises:
        BundleError: the bundles do not have the same network and breeds.
        WeightsError: `start` is not of the bundles' architecture.
        PhotosError: `data` is not organized.
        AlreadyExistsError: `out` exists.
    """
    config = as_trained(bundles[0].config)
    head = imagenet_head(start, config.architecture) if start else bundle_network(bundles[0])[1].imagenet
    for other in bundles[1:]:
        if _kind(other) != _kind(bundles[0]):
            raise BundleError(f"{other.path} is not of the same network for the same breeds as {bundles[0].path}.")
    network = network_of(recipe_of(config), len(config.label_names)).eval()
    tuned = (1 - share) / len(bundles)
    weighted = [(tuned, bundle_network(bundle)[0].state_dict()) for bundle in bundles]
    origin = config.provenance.backbone_weights
    if len(bundles) > 1:
        origin += f"; average of {len(bundles)} trainings"
    if start:
        load_pretrained(network, start, config.architecture, config.label_names, from_imagenet=True)
        weighted.append((share, network.state_dict()))
        origin += f"; {share:.0%} of {start.source} blended back in after training"
    network.load_state_dict(average(weighted))
    teachers = list(dict.fromkeys(teacher for bundle in bundles for teacher in bundle.config.provenance.teachers))
    provenance = config.provenance.model_copy(update={"backbone_weights": origin, "teachers": teachers})
    result = calibrate(network, config, config.label_names, photos_of(config, data), head, progress)
    # The measurements belong to another network.
    changes = {"calibration": result.calibration, "provenance": provenance, "metrics": {}}
    return export_network(network, config.model_copy(update=changes), result, out)


def _kind(bundle: Bundle) -> tuple[object, ...]:
    config = bundle.config
    return config.architecture, config.label_names, config.input_size, config.mean, config.std
