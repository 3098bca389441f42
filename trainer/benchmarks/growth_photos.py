"""How the time of an answer grows with the size of the photo."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from dogbreed.model.classifier import Classifier
from trainer.benchmarks.growth_rate import Measured
from trainer.benchmarks.growth_rounds import in_ms, medians_of_rounds
from trainer.benchmarks.made_up_photos import SIZES, SMALL, jpeg_of, made_up_photo
from trainer.benchmarks.serving import ROUNDS
from trainer.benchmarks.stages import Times, time_in_process
from trainer.progress import ProgressBar

SHAPE = (4, 3)  # width to height


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
            }
        )
    note = (
        "Times are from the bytes of a made-up JPEG to the logits, without a server. A photo of "
        f"{SMALL} pixels takes {in_ms(medians[SMALL])['in_process_ms']:.1f} ms, measured in the same rounds. A JPEG is "
        "decoded at a half, a quarter or an eighth of its size where that is enough for the network."
    )
    return Measured(points, [note])


def size_of(megapixels: float) -> tuple[int, int]:
    """Width and height of a photo of at most so many megapixels."""
    side = math.sqrt(megapixels * 1e6 / math.prod(SHAPE))
    return int(SHAPE[0] * side), int(SHAPE[1] * side)
