"""The database of a study: its address, and what happens while it cannot be reached."""

import logging
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import optuna
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError

from dogbreed.errors import DogbreedError

PATIENCE_SECONDS = 300  # for a database that restarts
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
SQLITE_WAIT_SECONDS = 60  # for other processes that write

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)


class StudyError(DogbreedError):
    """A study cannot be started or joined; the message says why and what to do."""


def database_url(text: str) -> URL:
    """The address of a database, with the driver that is installed here.

    Raises:
        StudyError: it is no address, or of a database that studies are not kept in.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StudyError(
            f"{text!r} is no address of a database. Write postgresql://USER@HOST/NAME, or leave --storage out to keep "
            "the study in a file."
        ) from error
    kind = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
    if kind not in ("postgresql", "sqlite"):
        raise StudyError(f"Studies are kept in PostgreSQL or SQLite, not in {kind}. Write postgresql://USER@HOST/NAME.")
    return url.set(drivername="postgresql+psycopg") if kind == "postgresql" else url


def without_password(url: URL) -> URL:
    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)


def open_storage(url: URL) -> optuna.storages.RDBStorage:
    """Optuna's storage; creates its tables where there are none.

    Raises:
        StudyError: the database cannot be reached.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    connecting = {"timeout": SQLITE_WAIT_SECONDS} if url.get_backend_name() == "sqlite" else {"connect_timeout": 10}
    engine = {"pool_pre_ping": True, "connect_args": connecting}
    address = url.render_as_string(hide_password=False)
    for attempt in range(3):
        try:
            return optuna.storages.RDBStorage(address, engine_kwargs=engine)
        except SQLAlchemyError as error:  # two processes may create the tables at the same time
            if attempt == 2:
                raise StudyError(
                    f"The database {url.render_as_string()} cannot be used: {_first_line(error)}. A password can be in "
                    "the environment variable PGPASSWORD or in ~/.pgpass."
                ) from error
            time.sleep(1)
    raise AssertionError


def patiently(call: Callable[P, R]) -> Callable[P, R]:
    """Repeats a call while the database restarts. The call must change nothing when it is repeated.

    Raises:
        StudyError: the database could not be reached for five minutes.
    """

    @wraps(call)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        give_up_at, pause = time.monotonic() + PATIENCE_SECONDS, FIRST_PAUSE_SECONDS
        while True:
            try:
                return call(*args, **kwargs)
            except (InterfaceError, OperationalError, optuna.exceptions.StorageInternalError) as error:
                if not _is_away(error):
                    raise
                if time.monotonic() > give_up_at:
                    raise StudyError(f"The study's database does not answer: {_first_line(error)}.") from error
                if pause == FIRST_PAUSE_SECONDS and threading.current_thread() is threading.main_thread():
                    logger.warning("The study's database does not answer. Waiting for it.")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    return repeated


def _is_away(error: Exception) -> bool:
    return isinstance(_reason(error), InterfaceError | OperationalError)


def _reason(error: BaseException) -> BaseException:
    """Optuna wraps the errors of the database."""
    return error.__cause__ or error if isinstance(error, optuna.exceptions.StorageInternalError) else error


def _first_line(error: BaseException) -> str:
    reason = _reason(error)
    return str(getattr(reason, "orig", None) or reason).strip().splitlines()[0].rstrip(".")
