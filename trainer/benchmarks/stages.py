"""The time of each stage of an answer, and the rate of the engine alone."""

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import cycle

import numpy as np
import openvino as ov
from django.conf import settings
from numpy.typing import NDArray

from dogbreed.answers.outputs import INPUT
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import EngineByLoad
from dogbreed.model.engines.openvino import CORE, HINT, OPENVINO_TYPES
from dogbreed.photos.preprocessing import to_input
from trainer.benchmarks.load import PATIENCE_SECONDS, PhotoClient
from trainer.benchmarks.server import ServerError

Times = dict[str, list[float]]  # milliseconds of every repetition, by stage


def time_in_process(classifier: Classifier, photo: bytes, seconds: float) -> Times:
    """Milliseconds from the bytes of a photo to its logits, by stage, one photo at a time."""
    times: Times = defaultdict(list)

    def answer() -> None:
        moments = [time.perf_counter()]
        image = classifier.open(photo, settings.DOGBREED_MAX_PIXELS).image
        moments.append(time.perf_counter())
        batch = to_input(image, classifier.config)[None]
        moments.append(time.perf_counter())
        classifier.engine.outputs(batch)
        moments.append(time.perf_counter())
        for name, took in zip(("decode", "preprocess", "inference"), np.diff(moments), strict=True):
            times[name].append(took * 1000)
        times["in_process"].append((moments[-1] - moments[0]) * 1000)

    _repeat(answer, seconds)
    return {name: values[1:] for name, values in times.items()}


def time_requests(port: int, photo: bytes, seconds: float) -> Times:
    """Milliseconds that one client waits for each answer, and the milliseconds that the server reports for its view.

    Raises:
        ServerError: an answer has another status than 200.
    """
    times: Times = {"in_the_view": [], "whole_request": []}
    with closing(PhotoClient(port, photo)) as client:

        def ask() -> None:
            began = time.perf_counter()
            status, answer = client.post()
            times["whole_request"].append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise ServerError(f"The server answered with status {status} and no breed: {answer.decode()}")
            times["in_the_view"].append(json.loads(answer)["elapsed_ms"])

        _repeat(ask, seconds)
    return {name: values[1:] for name, values in times.items()}


def time_gets(port: int, paths: Sequence[str], seconds: float) -> list[float]:
    """Milliseconds that one client waits for each answer to GET, of the paths in turn, on one connection.

    Raises:
        ServerError: an answer has another status than 200.
    """
    times: list[float] = []
    turns = cycle(paths)
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as connection:

        def ask() -> None:
            path = next(turns)
            began = time.perf_counter()
            status, answer = get(connection, path)
            times.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise ServerError(f"The server answered {path} with status {status}: {answer.decode()}")

        _repeat(ask, seconds)
    return times[1:]


def get(connection: HTTPConnection, path: str) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


def _repeat(work: Callable[[], None], seconds: float) -> None:
    """Calls `work` once to warm up, and then for so many seconds, at least once."""
    work()
    until = time.perf_counter() + seconds
    work()
    while time.perf_counter() < until:
        work()


class EngineAlone:
    """Inferences per second on all cores, for one prepared network input.

    Measured in two ways: as the server uses its engine, from one thread per core; and with OpenVINO's THROUGHPUT hint
    and asynchronous requests.
    """

    def __init__(self, classifier: Classifier, photo: bytes) -> None:
        self.engine = classifier.engine
        if isinstance(self.engine, EngineByLoad):
            self.engine.compile_now()
        self.batch = to_input(classifier.open(photo, settings.DOGBREED_MAX_PIXELS).image, classifier.config)[None]
        options = {"PERFORMANCE_HINT": "THROUGHPUT", HINT: OPENVINO_TYPES[self.engine.precision]}
        network = classifier.bundle.network_in(self.engine.precision)
        self.queue = ov.AsyncInferQueue(CORE.compile_model(network, "CPU", options))

    def measure(self, seconds: float) -> dict[str, float]:
        return {
            "engine_as_served_per_second": self._as_served(self.batch, seconds / 2),
            "engine_for_throughput_per_second": self._for_throughput(self.batch, seconds / 2),
        }

    def _as_served(self, batch: NDArray[np.float32], seconds: float) -> float:
        threads = os.cpu_count() or 1
        began = time.perf_counter()

        def answers(_: int) -> int:
            count = 0
            while time.perf_counter() < began + seconds:
                self.engine.outputs(batch)
                count += 1
            return count

        with ThreadPoolExecutor(threads) as pool:
            count = sum(pool.map(answers, range(threads)))
        return count / (time.perf_counter() - began)

    def _for_throughput(self, batch: NDArray[np.float32], seconds: float) -> float:
        count, began = 0, time.perf_counter()
        while time.perf_counter() < began + seconds:
            self.queue.start_async({INPUT: batch})  # waits while all requests are busy
            count += 1
        self.queue.wait_all()
        return count / (time.perf_counter() - began)
