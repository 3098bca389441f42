"""The golden outputs of an int8 network: those of its graph run node by node."""

from pathlib import Path

import numpy as np

from dogbreed.answers.outputs import DOG, OUTPUT
from dogbreed.model.bundle import BundleConfig
from dogbreed.model.engines import ENGINES, load_engine
from dogbreed.model.golden_file import GoldenPhoto, Int8Golden
from dogbreed.model.golden_input import golden_input
from trainer.bundles.golden_outputs import Run, golden_of, graph_outputs

ENGINES_DIFFER_SEEDS = range(16)  # more than the golden ones, for a better estimate of how far engines differ
MARGIN = 2  # times the difference here, for other processors
LEAST_TOLERANCE = 5e-3


def int8_golden(network: Path, config: BundleConfig, photos: list[GoldenPhoto]) -> Int8Golden:
    """The outputs of the graph, and how far engines may differ from them.

    Engines fuse nodes and round in different orders, and one byte that is rounded differently affects all later layers.
    So the tolerance is measured.
    """
    as_written = graph_outputs(network, as_written=True)
    tolerance = round(max(LEAST_TOLERANCE, MARGIN * _difference(network, config, as_written)), 4)
    golden = golden_of(as_written, config, {"int8": tolerance}, {photo.name: photo.file for photo in photos})
    return Int8Golden(
        tolerance=tolerance,
        cases=golden.cases,
        photo_tolerance=golden.photo_tolerance["int8"],
        photo_logits=[photo.logits for photo in golden.photos],
    )


def _difference(network: Path, config: BundleConfig, as_written: Run) -> float:
    """The largest difference between an engine's outputs and the graph's."""
    batch = np.concatenate([golden_input(config, seed) for seed in ENGINES_DIFFER_SEEDS])
    expected = as_written(batch)
    largest = 0.0
    for name in ENGINES:
        engine = load_engine(name, network, config, "int8")
        for number, image in enumerate(batch):
            outputs = engine.outputs(image[None])
            for output in {OUTPUT, DOG} & outputs.keys():
                largest = max(largest, float(np.abs(outputs[output][0] - expected[output][number]).max()))
    return largest
