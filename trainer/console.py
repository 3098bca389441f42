"""What long work shows on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trainer import progress
from trainer.distributed import this_process


@contextmanager
def progress_bar(title: str) -> Iterator[progress.Progress]:
    """Shows a bar on standard error; call what it gives with (done, total)."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not this_process().writes) as bar:
        task = bar.add_task(title, total=None, visible=False)  # until there is something to do
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)
