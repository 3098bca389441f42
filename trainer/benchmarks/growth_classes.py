"""How the time and the size of an answer grow with the number of classes."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from trainer.benchmarks.growth_rate import Measured
from trainer.benchmarks.growth_rounds import in_ms, medians_of_rounds
from trainer.benchmarks.load import PhotoClient
from trainer.benchmarks.server import running_server
from trainer.benchmarks.serving import ROUNDS
from trainer.benchmarks.stages import Times, time_requests
from trainer.progress import ProgressBar


def measure_classes(photo: bytes, classes: list[int], seconds: float, progress: ProgressBar) -> Measured:
    """Requests to a real server for each number of classes, `seconds` for each. Needs PyTorch to make the bundles.

    Raises:
        ServerError: see `running_server`.
    """
    if find_spec("torch") is None:
        return Measured([], ["Left out: PyTorch, which makes models of so many classes, is not installed."])
    from trainer.benchmarks.random_bundle import ARCHITECTURE, SIDE, write_random_bundle

    with TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {}
        with progress("Making models and starting their servers") as starting:
            for done, many in enumerate(classes, 1):
                bundle = write_random_bundle(many, Path(folder) / str(many))
                servers[many] = stack.enter_context(running_server(bundle.path, photo))
                starting(done, len(classes))
        sizes = {many: _answer_bytes(server.port, photo) for many, server in servers.items()}
        ways: dict[int, Callable[[], Times]] = {
            many: partial(time_requests, server.port, photo, seconds / ROUNDS) for many, server in servers.items()
        }
        medians = medians_of_rounds(ways, "Timing classes", progress)
    points = [{"classes": many, **in_ms(medians[many]), "answer_bytes": sizes[many]} for many in classes]
    note = (
        f"Each server has a {ARCHITECTURE} of {SIDE} x {SIDE} pixels with random weights. In the view is the time from "
        "the photo to the probabilities; the rest reads the request, and stores, writes and sends the answer. "
        "Sizes are without compression."
    )
    return Measured(points, [note])


def _answer_bytes(port: int, photo: bytes) -> int:
    with closing(PhotoClient(port, photo)) as client:
        return len(client.post()[1])
