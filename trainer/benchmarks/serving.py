"""How fast a bundle is served on this machine: every stage, a real server under load, and PyTorch for comparison.

Measurements that are compared alternate in short turns, so that other work on the machine affects all of them alike.
"""

import os
import platform
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from dogbreed.model.classifier import Classifier
from trainer.benchmarks.load import Load, load_from_other_process
from trainer.benchmarks.made_up_photos import LARGE, SMALL, sample_photos
from trainer.benchmarks.pytorch import WAYS, PyTorch, pytorch_process
from trainer.benchmarks.server import Server, running_server
from trainer.benchmarks.stages import EngineAlone, time_in_process, time_requests
from trainer.progress import ProgressBar, silent

ROUNDS = 5
LIBRARIES = ("openvino", "pillow", "django", "gunicorn", "torch")


@dataclass(frozen=True)
class ServingSettings:
    """`seconds` is the total time for each figure: for each number of clients, and for each stage."""

    photo: Path | None
    clients: list[int]
    seconds: float


def measure_serving(bundle: Path, chosen: ServingSettings, progress: ProgressBar = silent) -> dict[str, Any]:
    """All measurements as JSON, with units in the names.

    Raises:
        BundleError: the bundle cannot be served.
        OSError: there is no such photo.
        PhotoError: the photo cannot be read.
        ServerError: the server does not start, or does not answer with a breed.
    """
    before = machine()
    with progress("Making photos"):
        source, photos = sample_photos(chosen.photo)
    with progress("Loading the bundle"):  # a bad bundle raises its own error here, not one of the server's
        classifier = Classifier.load(bundle, settings.DOGBREED_PRECISION, photos="varying")
    with ExitStack() as stack:
        small = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "photo.jpg"
        small.write_bytes(photos[SMALL])
        with progress("Starting the server"):
            server = stack.enter_context(running_server(bundle, photos[SMALL]))
            pytorch = stack.enter_context(pytorch_process(bundle, small))
        memory = {"after_start": server.memory()}
        times = _time_stages(classifier, server, pytorch, photos, chosen.seconds, progress)
        load = _under_load(classifier, server, small, chosen, progress)
        memory["after_load"] = server.memory()
    report = {
        "machine": before,
        "bundle": described(classifier),
        "photos": {"source": source, **{f"{name}_bytes": len(photo) for name, photo in photos.items()}},
        "ready_seconds": server.ready_seconds,
        "memory": memory,
        "stages": {photo: _summaries(stages) for photo, stages in times.items()},
        "pytorch_left_out": pytorch.left_out,
        "load": load,
    }
    return {**report, "ratios": ratios(report)}


def machine() -> dict[str, Any]:
    """What was measured on, and how busy it was before."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average_before": [round(average, 2) for average in os.getloadavg()],
        "python": platform.python_version(),
        **{library: found for library in LIBRARIES if (found := _version(library))},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def described(classifier: Classifier) -> dict[str, Any]:
    """Which bundle was measured, and in which precision."""
    config = classifier.config
    identity = {key: getattr(config, key) for key in ("name", "version", "architecture", "input_size")}
    return {**identity, "precision": classifier.engine.precision}


def _time_stages(
    classifier: Classifier,
    server: Server,
    pytorch: PyTorch,
    photos: dict[str, bytes],
    seconds: float,
    progress: ProgressBar,
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of every repetition, by photo and stage."""
    times: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in photos}
    turn = seconds / ROUNDS
    with progress("Timing the stages") as timing:
        for number in range(1, ROUNDS + 1):
            for name, photo in photos.items():
                in_process = time_in_process(classifier, photo, turn)
                for stage, values in {**in_process, **time_requests(server.port, photo, turn)}.items():
                    times[name][stage] += values
            for way in WAYS:
                if pytorch.left_out:
                    break
                times[SMALL][f"pytorch_{way}"] += pytorch.times(way, turn)
            timing(number, ROUNDS)
    return times


def _summaries(stages: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {
        stage: {
            "fastest_ms": min(values),  # close to the time on an otherwise idle machine
            "p50_ms": float(np.percentile(values, 50)),
            "p95_ms": float(np.percentile(values, 95)),
            "repetitions": len(values),
        }
        for stage, values in stages.items()
        if values
    }


def _under_load(
    classifier: Classifier, server: Server, photo: Path, chosen: ServingSettings, progress: ProgressBar
) -> list[dict[str, Any]]:
    """One entry for each number of clients, with the rate of the engine alone, measured in turn with them."""
    alone = EngineAlone(classifier, photo.read_bytes())
    loads = {clients: Load() for clients in chosen.clients}
    engine: dict[int, dict[str, list[float]]] = {clients: defaultdict(list) for clients in chosen.clients}
    turn = chosen.seconds / ROUNDS
    with progress("Measuring under load") as measuring:
        for number in range(1, ROUNDS + 1):
            for clients, load in loads.items():
                load.add(load_from_other_process(server.port, photo, clients, turn))
                for name, rate in alone.measure(turn).items():
                    engine[clients][name].append(rate)
            measuring(number, ROUNDS)
    return [_entry(clients, load, engine[clients]) for clients, load in loads.items()]


def _entry(clients: int, load: Load, engine: dict[str, list[float]]) -> dict[str, Any]:
    row = load.row
    rates = {name: float(np.mean(values)) for name, values in engine.items()}
    return {"clients": clients, **row, **rates, "server_to_engine": load.answers_per_second / max(rates.values())}


def ratios(report: dict[str, Any]) -> dict[str, float]:
    """Quotients of measurements that alternated: medians, of the smaller photo unless the name says otherwise."""
    p50 = {stage: summary["p50_ms"] for stage, summary in report["stages"][SMALL].items()}
    whole, in_process = p50["whole_request"], p50["in_process"]
    quotients = {
        "whole_request_to_inference": whole / p50["inference"],
        f"{LARGE}_to_{SMALL}": report["stages"][LARGE]["whole_request"]["p50_ms"] / whole,
        "server_to_engine": max(float(entry["server_to_engine"]) for entry in report["load"]),
    }
    for way in [] if report["pytorch_left_out"] else WAYS:
        quotients[f"pytorch_{way}_to_in_process"] = p50[f"pytorch_{way}"] / in_process
        quotients[f"pytorch_{way}_to_whole_request"] = p50[f"pytorch_{way}"] / whole
    return quotients
