"""What all commands of manage.py have in common: how they report expected errors, and where log lines go."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dogbreed.errors import DogbreedError

LOGGER = "trainer"  # what the trainer logs is a command's output; what the server logs keeps its format


class DogbreedCommand(BaseCommand):
    """A command that ends with one sentence, and no traceback, on an expected error.

    While it runs, INFO lines of the trainer's loggers are printed to its standard output as they are, and warnings to
    its standard error.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        with _lines_shown_by(self):
            try:
                return super().execute(*args, **options)
            except DogbreedError as error:
                raise CommandError(str(error)) from error


class _CommandHandler(logging.Handler):
    def __init__(self, command: BaseCommand) -> None:
        super().__init__(logging.INFO)
        self.command = command

    def emit(self, record: logging.LogRecord) -> None:
        stream = self.command.stderr if record.levelno >= logging.WARNING else self.command.stdout
        stream.write(self.format(record))
        stream.flush()  # the next line may be minutes away


@contextmanager
def _lines_shown_by(command: BaseCommand) -> Iterator[None]:
    logger = logging.getLogger(LOGGER)
    before = logger.handlers, logger.propagate
    # Nothing is passed on: the server's handler would print every line once more, with the time.
    logger.handlers, logger.propagate = [_CommandHandler(command)], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before
