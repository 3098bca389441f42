"""What a visitor may say of an answer."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from api.exceptions import BadFeedback
from api.models import Feedback, Prediction

YES = (True, "true", "True", "1", "yes", "on")


def give_feedback(prediction: Prediction, said: Any) -> tuple[Feedback, bool]:
    """Stores `{"right": true}` or `{"breed": label}`; returns it, and whether it is the first for this prediction.

    Raises:
        BadFeedback: it is neither.
    """
    breed = _breed(prediction, said)
    return Feedback.objects.update_or_create(
        prediction=prediction,
        defaults={"breed": breed, "right": breed == prediction.breed, "created": timezone.now()},
    )


def _breed(prediction: Prediction, said: Any) -> str:
    if not isinstance(said, Mapping):
        raise BadFeedback(f"{type(said).__name__} came")
    breed, right = said.get("breed") or "", said.get("right") in YES
    if right and breed in ("", prediction.breed):
        return prediction.breed
    if right:
        raise BadFeedback("both came")
    if not breed:
        raise BadFeedback("neither came")
    if breed not in (*prediction.probabilities, Feedback.OTHER, Feedback.NO_DOG):
        raise BadFeedback(f"the breed {str(breed)[:80]!r} came, which the model does not know")
    return str(breed)
