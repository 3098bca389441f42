"""Answers from a Ray cluster: Ray Data brings photos to actors that hold the bundle, and repeats what a lost node had.

The only module that imports Ray. Nothing is reported to Ray's makers.
"""

import json
import logging
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypedDict, cast

import django
import numpy as np
from numpy.typing import NDArray

from dogbreed.errors import DogbreedError
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines.threads import available_cores
from trainer.prediction import packages
from trainer.prediction.bundle_digest import bundle_digest
from trainer.prediction.rows import Row
from trainer.prediction.streaming import answer, read_photo_file

PHOTOS_IN_A_BATCH = 32  # what one actor answers, and what is repeated if its node is lost
PHOTOS_PER_CORE = 5_000  # in one data set of Ray, after which the actors are started anew
CONNECT_SECONDS = 10
READERS = 8  # threads of an actor that wait for disks and stores

Batch = dict[str, NDArray[Any]]


class RayError(DogbreedError):
    """The Ray cluster cannot be reached, or a worker of it failed. The message says why."""


class Work(TypedDict):
    """What an actor needs to answer as this process would."""

    bundle: Path
    digest: str
    precision: str
    engine: str
    max_pixels: int


@contextmanager
def ray_cluster(address: str) -> Iterator[Any]:
    """The module ray, connected to the cluster at `address`: `local` starts one on this machine, `auto` finds it.

    Raises:
        MissingPackageError: Ray is not installed.
        RayError: there is no such cluster.
    """
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_BACKEND_LOG_LEVEL="fatal")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise packages.missing("--ray", "ray[data]") from error
    host, _, port = address.rpartition(":")
    options: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        if port.isdigit() and "://" not in host:  # Ray itself tries for minutes
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except (OSError, ValueError, RuntimeError) as error:
        raise RayError(
            f"There is no Ray cluster at {address} ({error}). Start one with `ray start --head`, or use --ray local."
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def answers_from_ray(ray: Any, names: Iterator[str], work: Work) -> Iterator[Row]:
    """A row for each photo, in order, with the same answers as without Ray.

    Every node needs this product with its packages in the same folder, the same bundle, and the photos: on a shared
    disk, or in an object store.

    Raises:
        RayError: a worker failed; the message has its reason.
    """
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # the command has its own bar and words
    while True:
        cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
        if not (some := list(islice(names, PHOTOS_PER_CORE * cores))):
            return
        try:
            yield from _answered(ray, some, work, cores)
        except (ray.exceptions.RayError, DogbreedError) as error:
            raise RayError(f"A worker of the Ray cluster failed: {_reason(error)}") from error


def _answered(ray: Any, names: list[str], work: Work, cores: int) -> Iterator[Row]:
    arrow, _ = packages.pyarrow()
    batches = (names[start : start + PHOTOS_IN_A_BATCH] for start in range(0, len(names), PHOTOS_IN_A_BATCH))
    photos = ray.data.from_arrow([arrow.table({"name": batch}) for batch in batches])
    answered = photos.map_batches(
        _Answering,
        fn_constructor_kwargs={"work": work, "folder": Path.cwd()},
        batch_size=PHOTOS_IN_A_BATCH,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=cores),
        num_cpus=1,
    )
    yield from (cast(Row, json.loads(row["row"])) for row in answered.iter_rows())


def _reason(error: BaseException) -> str:
    """What a worker said, from the trace that Ray passes on as text: an error of ours, or else the innermost."""
    ours, any_other = (rf"^{module}[\w.]*Error: (.+)$" for module in (r"(?:dogbreed|trainer)\.", ""))
    said = re.search(ours, str(error), re.MULTILINE) or re.search(any_other, str(error), re.MULTILINE)
    return said[1] if said else str(error).strip() or type(error).__name__


class _Answering:
    """An actor: one core that holds the bundle."""

    def __init__(self, work: Work, folder: Path) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dogbreed.settings")
        django.setup()
        with suppress(OSError):  # photos in an object store need no folder
            os.chdir(folder)  # which the names are relative to
        self._max_pixels = work["max_pixels"]
        self._classifier = Classifier.load(work["bundle"], work["precision"], work["engine"], available_cores())
        if bundle_digest(self._classifier.bundle) != work["digest"]:
            raise RayError(f"The bundle {work['bundle']} differs between the nodes. Copy the same one to all of them.")

    def __call__(self, batch: Batch) -> Batch:
        with ThreadPoolExecutor(READERS) as readers:
            photos = readers.map(read_photo_file, batch["name"])
            rows = [json.dumps(answer(self._classifier, photo, self._max_pixels)) for photo in photos]
        return {"row": np.array(rows, dtype=object)}
