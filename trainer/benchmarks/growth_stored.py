"""How the time of requests grows with the number of answers that the server has stored."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from trainer.benchmarks.growth_rate import Measured, number
from trainer.benchmarks.growth_rounds import in_ms, medians_of_rounds
from trainer.benchmarks.load import PATIENCE_SECONDS
from trainer.benchmarks.server import Server, ServerError, running_server
from trainer.benchmarks.serving import ROUNDS
from trainer.benchmarks.stages import Times, get, time_gets, time_requests
from trainer.benchmarks.stored_answers import StoredAnswers
from trainer.progress import ProgressBar

STATISTICS = "/api/stats"
ASKED_IDS = 200
LONGEST_STALE_SECONDS = 180  # statistics are kept for a minute at most
POLL_SECONDS = 0.02


def measure_stored(bundle: Path, photo: bytes, stored: list[int], seconds: float, progress: ProgressBar) -> Measured:
    """Requests to a real server for each number of stored answers, `seconds` for each kind of request.

    Raises:
        NoRoomError: the disk has no room for so many answers.
        ServerError: see `running_server`.
    """
    answers: dict[int, StoredAnswers] = {}
    ways: dict[int, Callable[[], Times]] = {}
    with ExitStack() as stack:
        with progress("Starting servers and storing answers") as starting:
            for done, many in enumerate(stored, 1):
                server = stack.enter_context(running_server(bundle, photo))
                answers[many] = StoredAnswers(server.database)
                answers[many].add(many)
                ways[many] = partial(_times, server, answers[many], photo, seconds / ROUNDS)
                starting(done, len(stored))
        medians = medians_of_rounds(ways, "Timing stored answers", progress)
        size = answers[stored[-1]].database.stat().st_size
    points = [{"stored": many, "at_most": answers[many].most, **in_ms(medians[many])} for many in stored]
    return Measured(
        points,
        [
            "Each server has its own SQLite database with copies of an answer; one in ten has feedback. With "
            f"{number(stored[-1])} of them it takes {size / 1e6:.1f} MB. Requests with a photo add answers, which are "
            "deleted after each turn; “at most” counts them.",
            f"The server keeps its statistics for a while, so {STATISTICS} is quick for most visitors. Refresh is the "
            "time of the request that counts again.",
        ],
    )


def _times(server: Server, answers: StoredAnswers, photo: bytes, seconds: float) -> Times:
    whole = time_requests(server.port, photo, seconds)["whole_request"]
    answers.forget_newer()
    paths = [f"/api/predictions/{identifier}" for identifier in answers.ids(ASKED_IDS)]
    return {
        "whole_request": whole,
        "stored_answer": time_gets(server.port, paths, seconds),
        "stats": time_gets(server.port, [STATISTICS], seconds),
        "stats_refresh": [refresh_ms(server.port, answers)],
    }


def refresh_ms(port: int, answers: StoredAnswers) -> float:
    """Milliseconds of the request whose statistics are the first to count a new answer.

    Raises:
        ServerError: no statistics count it.
    """
    answers.add(1)
    expected, until = answers.number(), time.monotonic() + LONGEST_STALE_SECONDS
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as connection:
        get(connection, "/api/health/live")  # connects
        while time.monotonic() < until:
            began = time.perf_counter()
            status, said = get(connection, STATISTICS)
            took = (time.perf_counter() - began) * 1000
            if status == 200 and json.loads(said)["predictions"] == expected:
                return took
            time.sleep(POLL_SECONDS)
    raise ServerError(f"{STATISTICS} did not count a new answer within {LONGEST_STALE_SECONDS} seconds.")
