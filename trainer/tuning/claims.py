"""Who works on which trial. A claim ends when its worker is dead, or has not been heard of for a while."""

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import (
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from trainer.tuning.database import StudyError, patiently

LEASE_SECONDS = 60.0  # a worker on another machine that was silent for so long counts as dead
RENEW_SECONDS = 10.0
DECISION = -1  # claimed by the worker that decides what comes next

_metadata = MetaData()
_claims = Table(
    "dogbreed_claims",
    _metadata,
    Column("study", String(128), primary_key=True),
    Column("trial", Integer, primary_key=True),
    Column("worker", String(256), nullable=False),
    Column("until", Float, nullable=False),  # by the database's clock, in seconds since 1970
)
_NOW = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())",
}


class Claims:
    """The claims of a study's workers, in the same database as its trials.

    Each operation is one transaction. Times are those of the database, so clocks of machines may differ.
    """

    def __init__(self, engine: Engine, study: str, worker: str) -> None:
        self.engine = engine
        self.study = study
        self.worker = worker
        self.now = literal_column(_NOW[engine.dialect.name], type_=Float())
        self._mine = (_claims.c.study == study) & (_claims.c.worker == worker)
        create_tables(engine)

    @patiently
    def take(self, trial: int) -> bool:
        """Claims a trial, unless a living worker has it."""
        same = (_claims.c.study == self.study) & (_claims.c.trial == trial)
        values = {"worker": self.worker, "until": self.now + LEASE_SECONDS}
        holder = self.holders().get(trial)
        try:
            with self.engine.begin() as connection:
                if holder is None:
                    # An expired claim is still in the table.
                    connection.execute(
                        delete(_claims).where(same, _claims.c.until < self.now, _claims.c.worker != self.worker)
                    )
                    connection.execute(insert(_claims).values(study=self.study, trial=trial, **values))
                    return True
                return holder == self.worker
        except IntegrityError:
            return self.holders().get(trial) == self.worker  # ours if an earlier try has arrived

    @patiently
    def renew(self) -> None:
        """Extends all claims of this worker."""
        with self.engine.begin() as connection:
            connection.execute(update(_claims).where(self._mine).values(until=self.now + LEASE_SECONDS))

    @patiently
    def release(self, trial: int) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(_claims).where(self._mine, _claims.c.trial == trial))

    @patiently
    def holders(self) -> dict[int, str]:
        """The living workers, by the trial that they have. Claims of dead workers of this machine are removed."""
        with self.engine.begin() as connection:
            rows = connection.execute(
                select(_claims.c.trial, _claims.c.worker, _claims.c.until < self.now).where(
                    _claims.c.study == self.study
                )
            ).all()
            dead = {worker for _, worker, _ in rows if lives_here(worker) is False}
            for worker in dead:
                connection.execute(delete(_claims).where(_claims.c.study == self.study, _claims.c.worker == worker))
        return {
            trial: worker
            for trial, worker, expired in rows
            if worker not in dead and (not expired or lives_here(worker))
        }

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Renews the claims from another thread while the body runs."""
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(RENEW_SECONDS):
                with suppress(StudyError):  # the main thread reports a database that stays away
                    self.renew()

        thread = threading.Thread(target=renew, name="claims", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@patiently
def create_tables(engine: Engine) -> None:
    try:
        _metadata.create_all(engine)
    except IntegrityError:  # another process has just created it
        _metadata.create_all(engine)


def this_worker() -> str:
    """The name of this process: machine, process id, and when it started."""
    return f"{platform.node()}:{os.getpid()}:{_started(os.getpid())}"


def lives_here(worker: str) -> bool | None:
    """Whether the process runs on this machine; None if it belongs to another machine."""
    machine, pid, started = worker.rsplit(":", 2)
    if machine != platform.node():
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty where the kernel does not say, or if it has ended."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in "ZX" else fields[18]
