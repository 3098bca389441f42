"""How long each part of a training's start takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from trainer.profiling.profile_numbers import Sample, StartPart, mean
from trainer.progress import Progress, ProgressBar


class StartParts:
    """Times the parts of a start: those that show a progress bar, and those that are named.

    Args:
        began: when the command started, on `time.monotonic`.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self.parts: list[tuple[str, float, float, int]] = []  # title, from, to, items

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.add(title, started)

    def add(self, title: str, since: float | None = None) -> None:
        """Adds a part that ends now; without `since`, it began where the last one ended."""
        ends = [to for _, _, to, _ in self.parts]
        began = max(ends, default=self.began) if since is None else since
        self.parts.append((title, began, time.monotonic(), 0))

    def timed(self, shown: ProgressBar) -> ProgressBar:
        """The same progress bar, whose steps are also timed here."""

        @contextmanager
        def bar(title: str) -> Iterator[Progress]:
            started, first, last = time.monotonic(), 0, 0
            with shown(title) as show:

                def progress(done: int, total: int) -> None:
                    nonlocal first, last
                    first, last = first or done, done
                    show(done, total)

                yield progress
            items = last - first + 1 if last else 0
            self.parts.append((title, started, time.monotonic(), items))

        return bar

    def described(self, use: list[Sample], sampled_from: float) -> list[StartPart]:
        """The parts, with what the machine did meanwhile."""
        return [_part(title, since, to, items, use, sampled_from) for title, since, to, items in self.parts]


def _part(title: str, since: float, to: float, items: int, use: list[Sample], sampled_from: float) -> StartPart:
    during = [sample for sample in use if since < sample.at + sampled_from <= to]
    return StartPart(
        title=title,
        seconds=to - since,
        items=items,
        busy=mean(during, lambda sample: sum(sample.cores) / len(sample.cores)),
        disk_mb_s=mean(during, lambda sample: sample.disk_mb_s),
    )
