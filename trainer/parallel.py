"""Work on many photos, on all cores."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from dogbreed.model.engines.threads import available_cores
from trainer.progress import Progress

FEW = 48  # items that take less time than starting other processes

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(
    work: Callable[[Item], Result], items: Sequence[Item], progress: Progress, workers: int | None = None
) -> Iterator[Result]:
    """The results of `work` in the order of `items`, from as many processes as there are cores.

    Args:
        work: a function at the top level of a module, so that other processes can import it.
        workers: number of processes; None for one per core, 1 to work in this process.
    """
    workers = workers or available_cores()
    if workers == 1 or len(items) <= FEW:
        for done, item in enumerate(items, start=1):
            yield work(item)
            progress(done, len(items))
        return
    # Fresh processes: a forked one that inherits threads (PyTorch's, OpenVINO's) may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done, result in enumerate(pool.map(work, items, chunksize=32), start=1):
            yield result
            progress(done, len(items))
