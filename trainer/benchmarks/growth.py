"""How the cost of an answer grows with its input: the photo, the clients, the classes and the stored answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from dogbreed.errors import AlreadyExistsError
from dogbreed.model.classifier import Classifier
from trainer.benchmarks.growth_classes import measure_classes
from trainer.benchmarks.growth_clients import measure_clients
from trainer.benchmarks.growth_page import growth_page
from trainer.benchmarks.growth_photos import measure_photos
from trainer.benchmarks.growth_rate import PARTS, Measured, growth
from trainer.benchmarks.growth_stored import measure_stored
from trainer.benchmarks.made_up_photos import SIZES, SMALL, jpeg_of, made_up_photo
from trainer.benchmarks.serving import described, machine
from trainer.files import whole_file
from trainer.progress import ProgressBar, silent

PAGE_FILE, NUMBERS_FILE = "growth.html", "growth.json"


@dataclass(frozen=True)
class GrowthSettings:
    """`inputs` has the numbers to measure of each part (`PARTS`) that is measured; `seconds` is for each figure."""

    inputs: Mapping[str, list[Any]]
    seconds: float


def measure_growth(bundle: Path, chosen: GrowthSettings, out: Path, progress: ProgressBar = silent) -> dict[str, Any]:
    """Measures one part after another. `growth.json` and `growth.html` in the folder `out` have those that are done.

    Raises:
        AlreadyExistsError: `out` exists.
        BundleError: the bundle cannot be served.
        NoRoomError: the disk has no room for so many stored answers.
        ServerError: a server does not start, or does not answer with a breed.
    """
    if out.exists():
        raise AlreadyExistsError(f"{out} exists already and is not overwritten. Name another folder, or remove it.")
    before = machine()
    with progress("Loading the bundle"):  # a bad bundle raises its own error here, not one of the server's
        classifier = Classifier.load(bundle, settings.DOGBREED_PRECISION, photos="varying")
    report: dict[str, Any] = {
        "machine": before,
        "bundle": described(classifier),
        "seconds": chosen.seconds,
        "parts": {},
    }
    out.mkdir(parents=True)
    for name, inputs in chosen.inputs.items():
        measured = _measure(name, classifier, sorted(set(inputs)), chosen.seconds, progress)
        report["parts"][name] = {
            "points": measured.points,
            "growth": growth(PARTS[name], measured.points),
            "notes": measured.notes,
        }
        _write(report, out)
    return report


def _measure(part: str, classifier: Classifier, inputs: list[Any], seconds: float, progress: ProgressBar) -> Measured:
    if part == "photos":
        return measure_photos(classifier, inputs, seconds, progress)
    bundle, photo = classifier.bundle.path, jpeg_of(made_up_photo(SIZES[SMALL]))
    match part:
        case "clients":
            return measure_clients(bundle, photo, inputs, seconds, progress)
        case "classes":
            return measure_classes(photo, inputs, seconds, progress)
        case _:
            return measure_stored(bundle, photo, inputs, seconds, progress)


def _write(report: dict[str, Any], out: Path) -> None:
    with whole_file(out / NUMBERS_FILE) as unfinished:
        unfinished.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    with whole_file(out / PAGE_FILE) as unfinished:
        unfinished.write_text(growth_page(report), encoding="utf-8")
