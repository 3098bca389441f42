"""Remembers answers, as far as the database can: a prediction never fails because it could not be stored."""

import hashlib
import logging
import time
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import Error, connection

from api import metrics
from api.models import Prediction
from dogbreed.answers.breeds import display_name

PAUSE_SECONDS = 5.0  # after a failure: were the database asked every time, every answer would wait for it

logger = logging.getLogger(__name__)


class Storing:
    """Tries to store, and leaves the database alone for a while after it has failed. Threads may share one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._not_before = 0.0

    def store(self, prediction: Prediction) -> bool:
        """Whether the prediction is stored now."""
        if time.monotonic() < self._not_before:
            metrics.STORED.labels("skipped").inc()
            return False
        try:
            prediction.save(force_insert=True)
        except (Error, OSError) as error:
            self._pause(error)
            return False
        metrics.STORED.labels("stored").inc()
        return True

    def _pause(self, error: Exception) -> None:
        metrics.STORED.labels("failed").inc()
        connection.close()  # whatever state it is in; the next attempt opens a new one
        with self._lock:
            self._not_before = time.monotonic() + PAUSE_SECONDS
        logger.warning("A prediction was not stored, and none will be for %g s: %s", PAUSE_SECONDS, error)

    def try_again_at_once(self) -> None:
        with self._lock:
            self._not_before = 0.0


STORING = Storing()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def as_answer(prediction: Prediction) -> dict[str, Any]:
    """A prediction in the shape in which it is answered, stored or not."""
    ranked = sorted(prediction.probabilities.items(), key=lambda item: (-item[1], item[0]))
    return {
        "id": str(prediction.id),
        "prediction": sorted(prediction.probabilities).index(prediction.breed),
        "breed": prediction.breed,
        "name": display_name(prediction.breed),
        "probability": prediction.probability,
        "probabilities": [
            {"breed": breed, "name": display_name(breed), "probability": probability} for breed, probability in ranked
        ],
        "verdict": prediction.verdict,
        "shortlist": prediction.shortlist,
        "look_alikes": prediction.look_alikes,
        "explanation": prediction.explanation,
        "model": {"name": prediction.model_name, "version": prediction.model_version},
        "elapsed_ms": prediction.elapsed_ms,
    }


def as_stored_answer(stored: Prediction) -> dict[str, Any]:
    """The answer that was given, with what is known of it beside that and has become known since."""
    feedback = getattr(stored, "feedback", None)
    return {
        **as_answer(stored),
        "created": stored.created,
        "width": stored.width,
        "height": stored.height,
        "sha256": stored.sha256,
        "feedback": feedback and {"breed": feedback.breed, "right": feedback.right, "created": feedback.created},
        "photo_kept": hasattr(stored, "photo"),
    }


def find(identifier: UUID) -> Prediction:
    """Raises `Prediction.DoesNotExist`."""
    return Prediction.objects.select_related("feedback", "photo").get(pk=identifier)
