"""Stores answers while the database works. A prediction never fails because it could not be stored."""

import hashlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from django.db import Error, InterfaceError, OperationalError, connection, transaction

from api import metrics
from api.exceptions import NoSuchPrediction
from api.inserting import insert
from api.models import Prediction

PAUSE_SECONDS = 5.0  # after a failure; otherwise every answer would wait for the database's timeout
UNREACHABLE = (OperationalError, InterfaceError, OSError)  # other errors are bugs, or tables of another version

logger = logging.getLogger(__name__)


class Storing:
    """Stores predictions, and stops trying for a while after a failure. Threads may share one instance."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._not_before = 0.0

    def store(self, *predictions: Prediction) -> None:
        """Stores them together if the database allows it; `prediction.stored` says whether it did."""
        if time.monotonic() < self._not_before:
            metrics.STORED.labels("skipped").inc(len(predictions))
            return
        try:
            insert(predictions)
        except (Error, OSError) as error:
            self._pause(error, len(predictions))
        else:
            metrics.STORED.labels("stored").inc(len(predictions))

    def _pause(self, error: Exception, number: int) -> None:
        metrics.STORED.labels("failed").inc(number)
        connection.close()  # whatever state it is in; the next attempt opens a new one
        with self._lock:
            self._not_before = time.monotonic() + PAUSE_SECONDS
        logger.warning(
            "%s not stored, and none will be for %g s: %s",
            "A prediction was" if number == 1 else f"{number} predictions were",
            PAUSE_SECONDS,
            error,
            exc_info=not isinstance(error, UNREACHABLE),
        )

    def try_again_at_once(self) -> None:
        with self._lock:
            self._not_before = 0.0


STORING = Storing()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def find(identifier: UUID) -> Prediction:
    """Raises `NoSuchPrediction`."""
    try:
        return Prediction.objects.select_related("feedback", "photo").get(pk=identifier)
    except Prediction.DoesNotExist:
        raise NoSuchPrediction from None


@contextmanager
def locked(identifier: UUID) -> Iterator[Prediction]:
    """A stored answer that nobody else changes or deletes meanwhile: one transaction. Raises `NoSuchPrediction`."""
    with transaction.atomic():
        try:
            prediction = Prediction.objects.select_for_update().get(pk=identifier)
        except Prediction.DoesNotExist:
            raise NoSuchPrediction from None
        yield prediction
