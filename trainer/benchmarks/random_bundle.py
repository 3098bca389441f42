"""A bundle with any number of made-up classes and random weights, for measuring what classes cost. Needs PyTorch."""

from pathlib import Path

import torch

from dogbreed.answers.calibration import Calibration, Shortlist, VerdictThresholds
from dogbreed.model.bundle import FORMAT_VERSION, Bundle, BundleConfig, Provenance
from trainer.bundles.export import export_network
from trainer.calibration.results import CalibrationResult
from trainer.networks.network import network_of
from trainer.networks.score_tensors import ScoreTensors
from trainer.recipes.recipe import Input, Optimizer, Recipe, Training, preprocessing_of
from trainer.training.run_config import recorded_versions

ARCHITECTURE = "test_resnet"  # timm's smallest one; like larger ones it gives class activation maps
SIDE = 224  # pixels
HALF = (0.5, 0.5, 0.5)
# Thresholds of a usual size, so that a verdict and a shortlist are made for each answer.
CALIBRATION = Calibration(
    shortlist=Shortlist(coverage=0.95, penalty=0.05, threshold=0.9, photos=1),
    verdict=VerdictThresholds(precision=0.95, breed=0.8, probably=0.6, one_of=0.9, group=0.9, photos=1),
)


def write_random_bundle(classes: int, out: Path) -> Bundle:
    """Exports such a bundle as training does. The same number of classes gives the same weights.

    Raises:
        AlreadyExistsError: `out` exists.
    """
    recipe = Recipe(
        description="Random weights, not trained.",
        architecture=ARCHITECTURE,
        input=Input(train_size=SIDE, size=SIDE),
        optimizer=Optimizer(lr=1e-3),
        training=Training(epochs=1),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = network_of(recipe, classes).eval()
    config = BundleConfig(
        **preprocessing_of(recipe.input, HALF, HALF).model_dump(),
        format_version=FORMAT_VERSION,
        name=f"random-{classes}",
        version="0",
        architecture=ARCHITECTURE,
        label_names=[f"breed_{number:06}" for number in range(classes)],
        calibration=CALIBRATION,
        provenance=Provenance(
            recipe=recipe.model_dump(mode="json"),
            data_manifest_sha256="",
            seed=0,
            backbone_weights="none",
            versions=recorded_versions(),
            trained_on="Nothing.",
        ),
    )
    return export_network(network, config, CalibrationResult(CALIBRATION, ScoreTensors()), out)
