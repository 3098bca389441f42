"""What the model concludes from its probabilities, as it is stored and answered."""

from collections.abc import Iterable
from typing import Any

from api.serializers.conclusions import ConclusionsSerializer
from api.serializers.represent import represent
from dogbreed.model.classifier import Prediction


def conclusions(answer: Prediction) -> dict[str, Any]:
    """The columns `verdict`, `shortlist`, `look_alikes` and `explanation`; None where the bundle has no such data."""
    found = {
        "verdict": _verdict(answer),
        "shortlist": None if answer.shortlist is None else _rows(answer, answer.shortlist),
        "look_alikes": _look_alikes(answer),
        "explanation": _explanation(answer),
    }
    return represent(ConclusionsSerializer, found)


def _rows(answer: Prediction, indices: Iterable[int]) -> list[dict[str, Any]]:
    """Class indices -> labels with their probabilities."""
    return [{"breed": answer.label_names[index], "probability": answer.probabilities[index]} for index in indices]


def _verdict(answer: Prediction) -> dict[str, Any] | None:
    verdict = answer.verdict
    if verdict is None:
        return None
    return {
        **vars(verdict),
        "breeds": _rows(answer, verdict.breeds),
        "dog_score": verdict.dog,
        "familiarity_score": verdict.familiarity,
    }


def _look_alikes(answer: Prediction) -> dict[str, Any] | None:
    pair = answer.look_alikes
    if pair is None:
        return None
    most_probable_first = sorted(pair.breeds, key=lambda index: -answer.probabilities[index])
    return {**dict(pair), "breeds": _rows(answer, most_probable_first)}


def _explanation(answer: Prediction) -> dict[str, Any] | None:
    explanation = answer.explanation
    if explanation is None:
        return None
    rows, columns = explanation.heat.shape
    return {**vars(explanation), "breed": answer.label_names[explanation.index], "rows": rows, "columns": columns}
