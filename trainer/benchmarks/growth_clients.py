"""How the time of an answer grows with the number of clients that ask one server."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings

from trainer.benchmarks.growth_rate import Measured, Point, number
from trainer.benchmarks.load import ANSWERED, Load, load_from_other_process
from trainer.benchmarks.server import running_server
from trainer.benchmarks.serving import ROUNDS
from trainer.progress import ProgressBar

BUSY = "503"  # more predictions than DOGBREED_MAX_PENDING would run or wait


def measure_clients(bundle: Path, photo: bytes, clients: list[int], seconds: float, progress: ProgressBar) -> Measured:
    """Requests to one real server, `seconds` for each number of clients.

    Raises:
        ServerError: see `running_server`.
    """
    loads = {many: Load() for many in clients}
    with ExitStack() as stack:
        file = Path(stack.enter_context(TemporaryDirectory())) / "photo.jpg"
        file.write_bytes(photo)
        with progress("Starting the server"):
            server = stack.enter_context(running_server(bundle, photo))
        with progress("Measuring clients") as measuring:
            for done in range(ROUNDS):
                for many, load in loads.items() if done % 2 == 0 else reversed(loads.items()):
                    load.add(load_from_other_process(server.port, file, many, seconds / ROUNDS))
                measuring(done + 1, ROUNDS)
    points = [_point(many, load) for many, load in loads.items()]
    return Measured(points, _notes(points))


def _point(clients: int, load: Load) -> Point:
    """Latencies are those of the answers: refusals would make them look better."""
    answered, busy = (load.by_status.get(status, []) for status in (ANSWERED, BUSY))
    return {
        "clients": clients,
        "requests_per_second": len(load.latencies) / load.seconds,
        "answers_per_second": load.answers_per_second,
        "busy_per_second": len(busy) / load.seconds,
        "client_cores": load.client_cpu_seconds / load.seconds,
        "answer_p50_ms": _percentile(answered, 50),
        "answer_p99_ms": _percentile(answered, 99),
        "busy_p50_ms": _percentile(busy, 50),
        "statuses": load.statuses,
    }


def _percentile(latencies: list[float], percent: float) -> float | None:
    return float(np.percentile(latencies, percent)) if latencies else None


def _notes(points: list[Point]) -> list[str]:
    notes = [
        "Each client sends its next request as soon as it has an answer. Times are those of answers with a breed. "
        "Client cores are what the clients themselves used of the processor."
    ]
    refused = [point for point in points if BUSY in point["statuses"]]
    if refused:
        shares = [f"{_share(point):.0%} with {number(point['clients'])}" for point in refused]
        notes.append(
            f"503 (busy) is no failure. At most {settings.DOGBREED_MAX_PENDING} photos run or wait in a server "
            "(DOGBREED_MAX_PENDING), and it refuses more. It refused "
            f"{', '.join(shares)} clients. They ask again at once; real ones wait for the time in Retry-After."
        )
    others: set[Any] = {status for point in points for status in point["statuses"]} - {ANSWERED, BUSY}
    if others:
        notes.append(f"Other outcomes were not expected: {', '.join(sorted(others))}.")
    return notes


def _share(point: Point) -> float:
    return float(point["statuses"][BUSY] / sum(point["statuses"].values()))
