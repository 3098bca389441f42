"""How long work says how far it is, without knowing who looks."""

from collections.abc import Callable
from contextlib import AbstractContextManager

Progress = Callable[[int, int], None]  # (done, total)
ProgressBar = Callable[[str], AbstractContextManager[Progress]]  # of a title
