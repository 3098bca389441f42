"""How far an answer may be believed, in the shape in which it is answered and stored."""

from typing import Any

from dogbreed.answers.breeds import display_name
from dogbreed.answers.verdict import Reading
from dogbreed.model.classifier import Prediction


def trust_of(answer: Prediction) -> dict[str, Any]:
    """The fields `verdict`, `shortlist`, `look_alikes` and `explanation`; None where the bundle has nothing to say."""
    return {
        "verdict": _verdict(answer),
        "shortlist": None if answer.shortlist is None else _breeds(answer, answer.shortlist),
        "look_alikes": _look_alikes(answer),
        "explanation": _explanation(answer),
    }


def _breeds(answer: Prediction, indices: list[int]) -> list[dict[str, Any]]:
    return [{**_breed(answer, index), "probability": float(answer.probabilities[index])} for index in indices]


def _breed(answer: Prediction, index: int) -> dict[str, Any]:
    label = answer.label_names[index]
    return {"breed": label, "name": display_name(label)}


def _verdict(answer: Prediction) -> dict[str, Any] | None:
    verdict = answer.verdict
    if verdict is None:
        return None
    return {
        "level": verdict.level,
        "text": verdict.text,
        "probability": verdict.probability,
        "group": verdict.group,
        "breeds": _breeds(answer, verdict.breeds),
        "familiar": verdict.familiar,
        "dog_score": _reading(verdict.dog),
        "familiarity_score": _reading(verdict.familiarity),
    }


def _reading(reading: Reading | None) -> dict[str, float] | None:
    return None if reading is None else {"score": round(reading.score, 4), "threshold": reading.threshold}


def _look_alikes(answer: Prediction) -> dict[str, Any] | None:
    pair = answer.look_alikes
    if pair is None:
        return None
    likelier_first = sorted(pair.breeds, key=lambda index: -answer.probabilities[index])
    return {
        "breeds": [_breed(answer, index) for index in likelier_first],
        "accuracy": pair.accuracy,
        "interval": list(pair.interval),
        "photos": pair.photos,
        "told_apart": pair.told_apart,
    }


def _explanation(answer: Prediction) -> dict[str, Any] | None:
    explanation = answer.explanation
    if explanation is None:
        return None
    rows, columns = explanation.heat.shape
    return {
        **_breed(answer, explanation.index),
        "rows": rows,
        "columns": columns,
        "heat": explanation.heat.round(4).tolist(),
        "box": [round(side, 4) for side in explanation.box],
    }
