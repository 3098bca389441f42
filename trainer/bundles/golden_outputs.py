"""Golden outputs: what a reference computes for everything that an engine must reproduce."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import DOG, INPUT, OUTPUT, Outputs
from dogbreed.model.bundle import BundleConfig
from dogbreed.model.engines.onnxruntime import open_session
from dogbreed.model.golden_file import Golden, GoldenCase
from dogbreed.model.golden_input import golden_input
from dogbreed.model.precision import Precision
from trainer.bundles.golden_photos import golden_photos, input_tolerance, photo_tolerance

Run = Callable[[NDArray[np.float32]], Outputs]  # float32 `[n, 3, h, w]` -> float32 arrays by output
Tolerance = dict[Precision, float]

GOLDEN_SEEDS = range(4)
# The largest allowed difference of a logit between engines. It leaves room for another order of summation (float32) and
# for 8 bits of mantissa (bfloat16), and is far below the differences that a wrong network shows.
TOLERANCE: Tolerance = {"float32": 5e-3, "bfloat16": 0.5}


def graph_outputs(network: Path, as_written: bool = False) -> Run:
    """ONNX Runtime on a network, as a reference; `as_written` as in `open_session`."""
    session = open_session(network, as_written=as_written)
    names = [output.name for output in session.get_outputs()]

    def run(batch: NDArray[np.float32]) -> Outputs:
        return dict(zip(names, session.run(names, {INPUT: batch}), strict=True))

    return run


def golden_of(
    run: Run,
    config: BundleConfig,
    tolerance: Tolerance,
    files: dict[str, bytes] | None = None,
) -> Golden:
    """Runs a reference on everything that an engine must reproduce; `files` are the photos, None for the usual ones."""
    cases = []
    for seed in GOLDEN_SEEDS:
        outputs = run(golden_input(config, seed))
        dog = round(float(outputs[DOG][0]), 5) if DOG in outputs else None
        cases.append(GoldenCase(seed=seed, logits=outputs[OUTPUT][0].astype(float).round(5).tolist(), dog=dog))
    photos, noise = golden_photos(config, lambda batch: run(batch)[OUTPUT], files)
    return Golden(
        tolerance=tolerance,
        cases=cases,
        photo_tolerance=photo_tolerance(tolerance, noise),
        input_tolerance=input_tolerance(config),
        photos=photos,
    )
