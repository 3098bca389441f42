"""How fast `manage.py predict --output` answers many photos, beside the engine alone on the same photos.

All figures alternate in short turns over the same photos, so that other work on the machine affects them alike.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from dogbreed.model.classifier import Classifier
from dogbreed.model.engines.threads import available_cores
from dogbreed.photos.preprocessing import to_input
from trainer.benchmarks.made_up_photos import SMALL, sample_photos
from trainer.benchmarks.serving import machine
from trainer.prediction.file_writing import predict_to_file
from trainer.prediction.photo_sources import photos_of
from trainer.prediction.streaming import answers
from trainer.progress import ProgressBar, silent
from trainer.tables import Row, table

ROUNDS = 7

Array = NDArray[np.float32]
Way = Callable[[], object]  # deals with all photos once


def measure_predicting(
    bundle: Path, folder: Path | None, number: int, progress: ProgressBar = silent
) -> dict[str, Any]:
    """Photos a second and processor time a photo, medians over all rounds, and ratios of turns in the same round.

    `predict` goes from files to a file. `bare_loop` decodes, preprocesses and infers photos in memory, and keeps
    nothing. `decoding` decodes and preprocesses only. `engine_alone` infers prepared inputs, with one inference on each
    core, and `engine_as_served` with all cores for each. Processor time varies less where others use the machine.

    Args:
        folder: of photos; None for a generated one.
        number: of photos in a turn. Their inputs are in memory: 1 MB each for a network of 280 x 280 pixels.

    Raises:
        BundleError: the bundle cannot be loaded.
        PhotoError: a photo cannot be read.
        PhotosError: there are no photos.
    """
    before = machine()
    with progress("Loading the bundle"):
        classifier, served = (
            Classifier.load(bundle, settings.DOGBREED_PRECISION, photos=each) for each in ("many", "one")
        )
    with tempfile.TemporaryDirectory() as place:
        files = _files(folder, Path(place), number)
        ways = _ways(classifier, served, files, Path(place))
        times: dict[str, list[tuple[float, float]]] = defaultdict(list)
        with progress("Measuring") as measuring:
            for turn in range(ROUNDS + 1):
                for name, way in ways.items() if turn % 2 == 0 else reversed(ways.items()):
                    began, used = time.perf_counter(), time.process_time()
                    way()
                    times[name].append((time.perf_counter() - began, time.process_time() - used))
                measuring(turn, ROUNDS)
    took = {name: np.array(values[1:]) for name, values in times.items()}  # the first turn warms up
    rates = {name: number / values[:, 0] for name, values in took.items()}
    return {
        "machine": before,
        "photos": {"source": str(folder or "a made-up photo"), "in_a_turn": number, "rounds": ROUNDS},
        "per_second": {name: float(np.median(values)) for name, values in rates.items()},
        "processor_ms": {name: float(np.median(values[:, 1])) / number * 1000 for name, values in took.items()},
        "ratios": _ratios(rates),
    }


def _files(folder: Path | None, place: Path, number: int) -> list[Path]:
    """So many different files; fewer photos than that are linked several times."""
    if folder is None:
        found = [place / "photo.jpg"]
        found[0].write_bytes(sample_photos(None)[1][SMALL])
    else:
        found = [Path(name).absolute() for name in islice(photos_of([str(folder)]), number)]
    (place / "photos").mkdir()
    files = [place / "photos" / f"{index:06}{path.suffix}" for index, path in enumerate(islice(cycle(found), number))]
    for file, path in zip(files, cycle(found)):  # the second never ends
        file.symlink_to(path)
    return files


def _ways(classifier: Classifier, served: Classifier, files: list[Path], place: Path) -> dict[str, Way]:
    pool = ThreadPoolExecutor(available_cores() + 1)  # as many as `answers` uses
    photos = [file.read_bytes() for file in files]

    def prepared(photo: bytes) -> Array:
        return to_input(classifier.open(photo, settings.DOGBREED_MAX_PIXELS).image, classifier.config)[None]

    def all_of(work: Callable[[Any], object], items: Iterable[Any]) -> Way:
        return lambda: sum(1 for _ in pool.map(work, items))

    inputs = [prepared(photo) for photo in photos]
    return {
        "predict": lambda: _predict(classifier, files[0].parent, place),
        "bare_loop": all_of(lambda photo: classifier.engine.outputs(prepared(photo)), photos),
        "decoding": all_of(prepared, photos),
        "engine_alone": all_of(classifier.engine.outputs, inputs),
        "engine_as_served": all_of(served.engine.outputs, inputs),
    }


def _predict(classifier: Classifier, folder: Path, place: Path) -> None:
    output = place / "out.jsonl"
    output.unlink(missing_ok=True)
    predict_to_file(
        [str(folder)],
        output,
        classifier.bundle,
        lambda names: answers(classifier, names, settings.DOGBREED_MAX_PIXELS),
    )


def _ratios(rates: dict[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    """Medians and quartiles. The engine alone is the faster of the two ways to run it, in each round."""
    alone = np.maximum(rates["engine_alone"], rates["engine_as_served"])
    compared = {
        "predict_to_engine_alone": rates["predict"] / alone,
        "predict_to_bare_loop": rates["predict"] / rates["bare_loop"],
        "bare_loop_to_engine_alone": rates["bare_loop"] / alone,
    }
    names = ("first_quartile", "median", "third_quartile")
    return {
        name: dict(zip(names, map(float, np.percentile(values, (25, 50, 75))), strict=True))
        for name, values in compared.items()
    }


def predicting_tables(report: dict[str, Any]) -> str:
    """The report as text."""
    speeds: list[Row] = [
        {"way": name.replace("_", " "), "photos_a_second": rate, "processor_ms_a_photo": report["processor_ms"][name]}
        for name, rate in report["per_second"].items()
    ]
    ratios: list[Row] = [{"ratio": name.replace("_", " "), **values} for name, values in report["ratios"].items()]
    return table(speeds) + "\n\n" + table(ratios)
