"""Features: the outputs of a trained network's backbone, before the head."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dogbreed.model.bundle import Bundle
from dogbreed.photos.preprocessing import Preprocessing
from trainer import machine
from trainer.bundles.export import bundle_network
from trainer.networks.network import network_of
from trainer.networks.weights import Pretrained, load_pretrained
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import serving_loader
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe, preprocessing_of
from trainer.training.array_cache import cached_array
from trainer.training.feature_cache import fingerprint

BATCH_SIZE = 64

Features = NDArray[np.float32]


@dataclass(frozen=True)
class Extractor:
    """A network's backbone, its preprocessing, and in words where it comes from and what it was trained on."""

    backbone: nn.Module
    preprocessing: Preprocessing
    source: str


def extractor_of_bundle(bundle: Bundle) -> Extractor:
    network, _ = bundle_network(bundle)
    config = bundle.config
    source = f"{config.name} {config.version}, {config.architecture}; trained on: {config.provenance.trained_on}"
    return Extractor(network.backbone, config, source)


def extractor_of_weights(recipe: Recipe, pretrained: Pretrained) -> Extractor:
    """The recipe's network with pretrained weights that were not fine-tuned on breeds.

    Raises:
        WeightsError: the weights do not fit the recipe's architecture.
    """
    preprocessing = preprocessing_of(recipe.input, pretrained.mean, pretrained.std)
    network = network_of(recipe, classes=2)  # the head is not used
    load_pretrained(network, pretrained, recipe.architecture, [], from_imagenet=False)
    return Extractor(network.backbone, preprocessing, f"{pretrained.source}, {recipe.architecture}")


def features_of(
    extractor: Extractor, photos: list[Path], digests: list[str], cache: Path, progress: ProgressBar = silent
) -> Features:
    """Features float32 `[photos, d]`, computed once per file content and stored in `cache`.

    Moved, renamed or reordered photos are not computed again.

    Args:
        digests: the SHA-256 of every photo.

    Raises:
        PhotoError: a file is not a readable photo.
    """
    by_digest = dict(zip(digests, photos, strict=True))
    order = sorted(by_digest)
    paths = [LabelledPhoto(by_digest[digest], "") for digest in order]
    c = extractor.preprocessing
    framing = (c.input_size, c.interpolation, c.crop_pct, c.crop_mode, c.mean, c.std)
    precision = machine.precision("auto")
    key = hashlib.sha256(repr((framing, precision, fingerprint(extractor.backbone), order)).encode()).hexdigest()[:32]
    device = machine.device()
    backbone = extractor.backbone.eval().to(device).to(memory_format=torch.channels_last)
    machine.keep_freed_memory()

    @torch.inference_mode()
    def compute(images: torch.Tensor) -> Features:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16-mixed"):
            rows: Features = backbone(images.to(device)).float().cpu().numpy()
        return rows

    def rows(done: int) -> Iterator[tuple[int, Features]]:
        with progress("Computing features") as computing:
            for images, _ in serving_loader(paths[done:], c, BATCH_SIZE, machine.worker_count()):
                yield done, compute(images)
                done += len(images)
                computing(done, len(paths))

    width = compute(torch.zeros(1, *c.input_size)).shape[1]
    stored = cached_array(cache, f"audit-{key}", (len(order), width), np.float32, rows)
    position = {digest: index for index, digest in enumerate(order)}
    return np.asarray(stored)[[position[digest] for digest in digests]]
