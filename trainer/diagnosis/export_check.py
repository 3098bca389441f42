"""Whether the network of a run can be exported at its end, tried before its first step where training takes long."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from dogbreed.answers.calibration import Calibration
from dogbreed.model.bundle import NETWORK_FILE, BundleError
from trainer.bundles.onnx_file import write_onnx
from trainer.networks.served import ServedNetwork
from trainer.training.run import run_score_tensors, starting_network
from trainer.training.run_config import RunConfig, bundle_config
from trainer.training.run_findings import Finding
from trainer.training.run_folder import Run

LONG = 200_000  # passes of one photo through the network: an export takes some seconds to a minute

logger = logging.getLogger(__name__)


def export_check(run: Run, config: RunConfig) -> Callable[[int], Finding | None]:
    """A check that the network of a long training can be exported; of a short one, the export itself tells.

    It is given the number of training photos.
    """

    def check(photos: int) -> Finding | None:
        epochs = sum(not config.recipe.trains_on_features(epoch) for epoch in range(config.recipe.training.epochs))
        if epochs * photos < LONG:
            return None
        logger.info("Checking that the network can be exported to ONNX, before the long training.")
        return try_export(run, config)

    return check


def try_export(run: Run, config: RunConfig) -> Finding | None:
    """A finding if the network that the run starts from cannot be exported."""
    with torch.random.fork_rng(), tempfile.TemporaryDirectory() as folder:
        network = starting_network(run, config).eval()
        served = ServedNetwork(network, run_score_tensors(run), config.recipe.input.size).eval()
        try:
            write_onnx(served, bundle_config(config, Calibration()), Path(folder) / NETWORK_FILE)
        except BundleError as error:
            return Finding(
                "no-export",
                str(error),
                "Training would end without a bundle.",
                "architecture",
                "Choose another one, such as resnet50 or mobilenet_v2.",
            )
    return None
