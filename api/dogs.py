"""One answer to several photos of one dog."""

from collections.abc import Sequence
from typing import Any

from api.answering import Answered, said
from api.models import Prediction
from dogbreed.photos.decoding import PhotoError


def answer_dog(answered: Sequence[Answered | PhotoError]) -> dict[str, Any] | None:
    """What `DogSerializer` represents: the answer from all photos that were answered; None if none was.

    The answer is not stored, and has no photo of its own.
    """
    photos = {place: found for place, found in enumerate(answered) if isinstance(found, Answered)}
    if not photos:
        return None
    classifier = next(iter(photos.values())).classifier
    combined = classifier.combine([found.answer for found in photos.values()])
    answer, places = Prediction(**said(combined.answer, classifier.bundle)), list(photos)
    rows = [
        {
            "photo": place,
            "weight": share.weight,
            "duplicate_of": None if share.duplicate_of is None else places[share.duplicate_of],
            "agrees": share.agrees,
            "probability": photos[place].answer.probabilities[combined.answer.index],
            "without": None if share.without is None else share.without[combined.answer.index],
        }
        for place, share in zip(places, combined.shares, strict=True)
    ]
    fields = ("class_index", "breed", "probability", "ranked", "verdict", "shortlist", "look_alikes", "explanation")
    return {**{name: getattr(answer, name) for name in (*fields, "model")}, "photos": rows}
