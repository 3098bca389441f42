"""A fine-tuned network takes back a share of what it started from, and with it some of what it had forgotten."""

from pathlib import Path

from torch import Tensor, nn

from dogbreed.bundle import Bundle, BundleConfig
from trainer.calibration import calibrate
from trainer.export import bundle_network, export_network
from trainer.run import network_of
from trainer.weights import Pretrained, load_pretrained


def blend_weights(tuned: dict[str, Tensor], start: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Averages two networks' weights, `share` of the start and the rest of the tuned one (WiSE-FT, Wortsman 2022)."""
    return {
        name: tensor.lerp(start[name], share) if tensor.is_floating_point() else tensor
        for name, tensor in tuned.items()
    }


def blend_bundle(bundle: Bundle, start: Pretrained, share: float, data: Path, out: Path) -> Bundle:
    """Blends a bundle's weights with those that its training began with, calibrates anew, and writes a new bundle.

    Args:
        share: of the starting weights, in 0..1.
        data: the organized photos that the bundle was trained on; their validation part calibrates.

    Raises:
        WeightsError: `start` is not of the bundle's architecture.
        PhotosError: `data` is not organized.
        FileExistsError: `out` exists.
    """
    config = bundle.config
    network = bundle_network(bundle)
    beginning = _starting_network(config, start)
    network.load_state_dict(blend_weights(network.state_dict(), beginning.state_dict(), share))
    calibration = calibrate(network, config, data)
    origin = f"{config.provenance.backbone_weights}; {share:.0%} of {start.source} blended back in after training"
    provenance = config.provenance.model_copy(update={"backbone_weights": origin})
    # The measurements were another network's.
    changes = {"calibration": calibration, "provenance": provenance, "metrics": {}}
    return export_network(network, config.model_copy(update=changes), out)


def _starting_network(config: BundleConfig, start: Pretrained) -> nn.Module:
    network = network_of(config)
    load_pretrained(network, start, config.architecture, config.label_names, from_imagenet=True)
    return network
