"""The progress bar on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trainer import progress
from trainer.distributed import this_process


@contextmanager
def progress_bar(title: str) -> Iterator[progress.Progress]:
    """Shows a bar on standard error; call the yielded function with (done, total)."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not this_process().writes) as bar:
        task = bar.add_task(title, total=None, visible=False)  # shown with the first report: cached results need no bar
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)
