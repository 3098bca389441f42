"""How fast one bundle is relative to another: requests alternate between two real servers in one run."""

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from trainer.benchmarks.made_up_photos import SMALL, sample_photos
from trainer.benchmarks.server import running_server
from trainer.benchmarks.serving import machine
from trainer.benchmarks.stages import time_requests
from trainer.progress import ProgressBar, silent

TURNS = 20  # short ones, so that other work on the machine affects both servers alike


def compare_bundles(
    new: Path, old: Path, photo: Path | None, seconds: float, progress: ProgressBar = silent
) -> dict[str, Any]:
    """Milliseconds of whole requests to a server of each bundle, and the ratio of the new one to the old one.

    The ratio is the median over all turns of the ratio of the medians in each turn.

    Raises:
        BundleError, OSError, PhotoError, ServerError: see `measure_serving`.
    """
    before = machine()
    source, photos = sample_photos(photo)
    times: dict[str, list[list[float]]] = defaultdict(list)
    with ExitStack() as stack:
        with progress("Starting two servers"):
            servers = [
                (name, stack.enter_context(running_server(bundle, photos[SMALL])))
                for name, bundle in (("new", new), ("old", old))
            ]
        with progress("Alternating between the servers") as alternating:
            for turn in range(TURNS):
                for name, server in servers if turn % 2 == 0 else reversed(servers):
                    times[name].append(time_requests(server.port, photos[SMALL], seconds / TURNS)["whole_request"])
                alternating(turn + 1, TURNS)
    medians = {name: [float(np.median(turn)) for turn in turns] for name, turns in times.items()}
    ratios = [mine / others for mine, others in zip(medians["new"], medians["old"], strict=True)]
    return {
        "machine": before,
        "photo": source,
        "new": str(new),
        "old": str(old),
        "whole_request_ms": {name: float(np.median(values)) for name, values in medians.items()},
        "fastest_ms": {name: min(map(min, turns)) for name, turns in times.items()},
        "requests": {name: sum(map(len, turns)) for name, turns in times.items()},
        "ratio": float(np.median(ratios)),
        "ratio_of_fastest": min(map(min, times["new"])) / min(map(min, times["old"])),
        "ratio_quartiles": [float(value) for value in np.percentile(ratios, [25, 75])],
    }
