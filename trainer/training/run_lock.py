"""Whether a process trains a run: it holds a lock in the run's folder, which the system releases when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout

from trainer.distributed import World
from trainer.training.run_folder import Run

LOCK_FILE = ".in_use"
WAIT_SECONDS = 5  # for `is_in_use` in another process, which holds the lock for a moment


@contextmanager
def in_use(run: Run, world: World) -> Iterator[None]:
    """Marks a run as being worked on. It can be nested.

    A disk that has no locks is no reason not to train: such a run is shown as interrupted.
    """
    lock, locked = _lock(run), False
    with suppress(OSError):  # Timeout is one: another process trains the same run
        if world.writes:
            lock.acquire(timeout=WAIT_SECONDS)
            locked = True
    try:
        yield
    finally:
        if locked:
            lock.release()


def is_in_use(run: Run) -> bool:
    """Whether a process works on the run: on this machine, or on another one if the shared disk has locks."""
    lock = _lock(run)
    if lock.is_locked or not (run.path / LOCK_FILE).is_file():
        return lock.is_locked
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that may not be written to
        return False


def _lock(run: Run) -> FileLock:
    return FileLock(run.path / LOCK_FILE, is_singleton=True, fallback_to_soft=False)
