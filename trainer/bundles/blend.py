"""Averages of networks that began with the same weights: steadier than any one, and less is forgotten."""

from pathlib import Path

import torch
from torch import Tensor

from dogbreed.model.bundle import Bundle, BundleError
from trainer.bundles.export import as_trained, bundle_network, export_network
from trainer.calibration.calibrate import calibrate
from trainer.networks.weights import Pretrained, imagenet_head, load_pretrained
from trainer.training.run import network_of

State = dict[str, Tensor]


def average(weighted: list[tuple[float, State]]) -> State:
    """The average of networks' weights, tensor by tensor; the shares add up to 1.

    Of several trainings it is a model soup (Wortsman et al. 2022), with the weights that they began with WiSE-FT
    (Wortsman et al. 2022). What is no floating-point number is the first network's.
    """
    _, first = weighted[0]
    return {
        name: torch.stack([share * state[name] for share, state in weighted]).sum(dim=0)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in first.items()
    }


def blend_bundles(bundles: list[Bundle], start: Pretrained | None, share: float, data: Path, out: Path) -> Bundle:
    """Averages bundles, blends in a share of what their training began with, calibrates anew, and writes a bundle.

    Args:
        bundles: of the same network for the same breeds; what the first says of itself is said of the result.
        start: the weights that all of them began with; None where `share` is 0.
        share: of the starting weights, in 0..1.
        data: the organized photos that the bundles were trained on; their validation part calibrates.

    Raises:
        BundleError: the bundles are not of the same network for the same breeds.
        WeightsError: `start` is not of the bundles' architecture.
        PhotosError: `data` is not organized.
        AlreadyExistsError: `out` exists.
    """
    config = as_trained(bundles[0].config)
    head = imagenet_head(start, config.architecture) if start else bundle_network(bundles[0])[1].imagenet
    for other in bundles[1:]:
        if _kind(other) != _kind(bundles[0]):
            raise BundleError(f"{other.path} is not of the same network for the same breeds as {bundles[0].path}.")
    network = network_of(config).eval()
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
    provenance = config.provenance.model_copy(update={"backbone_weights": origin})
    # The measurements were another network's.
    trust = calibrate(network, config, data, head)
    changes = {"calibration": trust.calibration, "provenance": provenance, "metrics": {}}
    return export_network(network, config.model_copy(update=changes), trust.score_tensors, trust.look_alikes, out)


def _kind(bundle: Bundle) -> tuple[object, ...]:
    config = bundle.config
    return config.architecture, config.label_names, config.input_size, config.mean, config.std
