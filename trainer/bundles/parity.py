"""Compares the served network with the trained one."""

from dataclasses import dataclass

import numpy as np
import torch

from dogbreed.model.classifier import Classifier
from trainer.bundles.export import bundle_network
from trainer.evaluation.evaluate import batches_of
from trainer.machine import keep_freed_memory
from trainer.photos.folders import LabelledPhoto
from trainer.progress import ProgressBar, silent


@dataclass(frozen=True)
class Parity:
    """How far a bundle's engine and PyTorch agree on some photos."""

    photos: int
    largest_probability_difference: float
    equal_top1: float  # share in 0..1

    def __str__(self) -> str:
        return (
            f"probabilities differ by at most {self.largest_probability_difference:.2g}, "
            f"{self.equal_top1:.2%} of top-1 equal, on {self.photos} photos."
        )


def compare_with_pytorch(classifier: Classifier, photos: list[LabelledPhoto], progress: ProgressBar = silent) -> Parity:
    """Runs every photo through the bundle's engine, and through its weights in PyTorch in float32."""
    keep_freed_memory()
    network, _ = bundle_network(classifier.bundle)
    temperature = classifier.bundle.config.calibration.temperature
    largest, equal = 0.0, 0
    with progress("Comparing with PyTorch") as comparing:
        for done, images in batches_of(classifier.config, photos):
            served = classifier.probabilities(images)
            with torch.inference_mode():
                trained = (network(torch.from_numpy(images)) / temperature).softmax(dim=1).numpy()
            largest = max(largest, float(np.abs(served - trained).max()))
            equal += int((served.argmax(axis=1) == trained.argmax(axis=1)).sum())
            comparing(done, len(photos))
    return Parity(len(photos), largest, equal / len(photos))
