"""How the time and the memory of an answer grow with the size of the photo."""

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np

from dogbreed.model.classifier import Classifier
from dogbreed.photos.preprocessing import Preprocessing
from trainer.benchmarks.growth_rate import Measured
from trainer.benchmarks.growth_rounds import in_ms, medians_of_rounds
from trainer.benchmarks.hostile import cost
from trainer.benchmarks.made_up_photos import SIZES, SMALL, jpeg_of, made_up_photo
from trainer.benchmarks.serving import ROUNDS
from trainer.benchmarks.stages import Times, time_in_process
from trainer.progress import ProgressBar

SHAPE = (4, 3)  # width to height
SMALLEST_MEGAPIXELS = 0.01  # of a photo that can be made up


def measure_photos(classifier: Classifier, megapixels: list[float], seconds: float, progress: ProgressBar) -> Measured:
    """From the bytes of made-up JPEGs to logits in this process, `seconds` for each size."""
    sizes = {SMALL: SIZES[SMALL], **{str(number): size_of(number) for number in megapixels}}
    photos = {}
    with progress("Making photos") as making:
        for done, (name, size) in enumerate(sizes.items(), 1):
            photos[name] = jpeg_of(made_up_photo(size))
            making(done, len(sizes))
    turn = seconds / ROUNDS
    ways: dict[str, Callable[[], Times]] = {
        name: partial(time_in_process, classifier, photo, turn) for name, photo in photos.items()
    }
    medians = medians_of_rounds(ways, "Timing photos", progress)
    memory = {}
    with progress("Measuring memory") as measuring:
        for done, number in enumerate(megapixels, 1):
            memory[number] = memory_in_new_process(photos[str(number)], classifier.config)
            measuring(done, len(megapixels))
    points = []
    for number in megapixels:
        name = str(number)
        ratios = np.divide(medians[name]["in_process"], medians[SMALL]["in_process"])
        points.append(
            {
                "megapixels": number,
                "size": "x".join(map(str, sizes[name])),
                "file_mb": len(photos[name]) / 1e6,
                **in_ms(medians[name]),
                f"times_{SMALL}": float(np.median(ratios)),
                "memory_mb": memory[number],
            }
        )
    small = f"{in_ms(medians[SMALL])['in_process_ms']:.1f} ms"
    return Measured(
        points,
        [
            f"Times are from the bytes of a made-up JPEG to the logits, without a server. A photo of {SMALL} pixels "
            f"takes {small}, measured in the same rounds.",
            "Memory is how much a new process needs at most, beyond what it had, to make the network's input of the "
            "photo.",
        ],
    )


def size_of(megapixels: float) -> tuple[int, int]:
    """Width and height of a photo of at most so many megapixels."""
    side = math.sqrt(megapixels * 1e6 / math.prod(SHAPE))
    return int(SHAPE[0] * side), int(SHAPE[1] * side)


def memory_in_new_process(photo: bytes, config: Preprocessing) -> float | None:
    """The peak in MB of opening a photo; None if this is not Linux. A process that opened others before it would have
    kept some of their memory, and need less."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_memory, photo, config).result()


def _memory(photo: bytes, config: Preprocessing) -> float | None:
    cost("warm-up", jpeg_of(made_up_photo(SIZES[SMALL])), config)
    return cost("photo", photo, config).memory_mb
