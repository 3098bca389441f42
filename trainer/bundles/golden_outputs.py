"""Golden outputs: what a reference computes for everything that an engine must reproduce."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import DOG, OUTPUT, Outputs
from dogbreed.model.bundle import BundleConfig
from dogbreed.model.golden_file import Golden, GoldenCase
from dogbreed.model.golden_input import golden_input
from dogbreed.model.precision import Precision
from trainer.bundles.golden_photos import golden_photos, input_tolerance, photo_tolerance

Tolerance = dict[Precision, float]

GOLDEN_SEEDS = range(4)
# The largest allowed difference of a logit between engines. It leaves room for another order of summation (float32) and
# for 8 bits of mantissa (bfloat16), and is far below the differences that a wrong network shows.
TOLERANCE: Tolerance = {"float32": 5e-3, "bfloat16": 0.5}


def golden_of(
    run: Callable[[NDArray[np.float32]], Outputs],
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
