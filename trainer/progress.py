"""How long work reports its progress, without knowing who watches.

Functions that take long have a parameter `progress: ProgressBar = silent` and open a bar for each step; only commands
and the pipeline pass the terminal's `progress_bar` from `trainer.console`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Progress = Callable[[int, int], None]  # (done, total)
ProgressBar = Callable[[str], AbstractContextManager[Progress]]  # of a title


@contextmanager
def silent(title: str) -> Iterator[Progress]:
    """A progress bar that nobody sees."""
    yield lambda done, total: None
