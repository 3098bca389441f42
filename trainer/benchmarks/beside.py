"""What one bundle costs beside another: two real servers, asked in turns in one run."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from trainer.benchmarks.made_up_photos import SMALL, sample_photos
from trainer.benchmarks.server import running_server
from trainer.benchmarks.serving import machine
from trainer.benchmarks.stages import time_requests

TURNS = 20  # short ones, so that what else the machine does meets both alike


def measure_beside(
    bundle: Path, other: Path, photo: Path | None, seconds: float, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Milliseconds of whole requests to a server of each bundle, and how many times as long the first takes.

    The ratio is the median over the turns of the ratio of the medians in each turn.

    Raises:
        BundleError, OSError, PhotoError, ServerError: see `measure_serving`.
    """
    before = machine()
    source, photos = sample_photos(photo)
    times: dict[str, list[list[float]]] = defaultdict(list)
    progress("Starting two servers")
    with running_server(bundle, photos[SMALL]) as first, running_server(other, photos[SMALL]) as second:
        for turn in range(TURNS):
            progress(f"Turn {turn + 1} of {TURNS}")
            servers = [("bundle", first), ("beside", second)]
            for name, server in servers if turn % 2 == 0 else reversed(servers):
                times[name].append(time_requests(server.port, photos[SMALL], seconds / TURNS)["whole_request"])
    medians = {name: [float(np.median(turn)) for turn in turns] for name, turns in times.items()}
    ratios = [mine / others for mine, others in zip(medians["bundle"], medians["beside"], strict=True)]
    return {
        "machine": before,
        "photo": source,
        "bundle": str(bundle),
        "beside": str(other),
        "whole_request_ms": {name: float(np.median(values)) for name, values in medians.items()},
        "fastest_ms": {name: min(map(min, turns)) for name, turns in times.items()},
        "requests": {name: sum(map(len, turns)) for name, turns in times.items()},
        "ratio": float(np.median(ratios)),
        "ratio_of_fastest": min(map(min, times["bundle"])) / min(map(min, times["beside"])),
        "ratio_quartiles": [float(value) for value in np.percentile(ratios, [25, 75])],
    }
