"""One row for each photo: what the model answers, or why the photo cannot be read."""

from typing import Any, TypedDict

import numpy as np

from dogbreed.model.answer import Prediction


class Row(TypedDict):
    """What is known of one photo.

    `probability` is in 0..1, and `probabilities` are those of all classes in label order. `verdict` is the kind of the
    verdict and `text` its sentence. `shortlist` holds label names. Of a photo that cannot be read, all but `path` and
    `error` are None; what a bundle does not support is None too.
    """

    path: str
    breed: str | None
    name: str | None
    probability: float | None
    verdict: str | None
    text: str | None
    shortlist: list[str] | None
    error: str | None
    probabilities: list[float] | None


def row_of(path: str, said: Prediction) -> Row:
    shortlist = None if said.shortlist is None else [said.label_names[index] for index in said.shortlist]
    return Row(
        path=path,
        breed=said.breed,
        name=said.name,
        probability=said.probability,
        verdict=said.verdict.kind if said.verdict else None,
        text=said.verdict.text if said.verdict else None,
        shortlist=shortlist,
        error=None,
        probabilities=said.probabilities.tolist(),
    )


def error_row(path: str, error: str) -> Row:
    return Row(
        path=path,
        breed=None,
        name=None,
        probability=None,
        verdict=None,
        text=None,
        shortlist=None,
        error=error,
        probabilities=None,
    )


def ranked(row: Row, label_names: list[str]) -> list[tuple[str, float]]:
    """All classes with their probabilities, the most probable first; equal ones in label order."""
    probabilities = row["probabilities"] or []
    order = np.argsort(-np.asarray(probabilities), kind="stable")
    return [(label_names[index], probabilities[index]) for index in order]


def as_json(row: Row, label_names: list[str]) -> dict[str, Any]:
    """The row as `predict` writes it in JSON: of a photo that cannot be read, `path` and `error` alone."""
    if row["error"] is not None:
        return {"path": row["path"], "error": row["error"]}
    given = {key: value for key, value in row.items() if key not in ("error", "probabilities")}
    if row["probabilities"] is not None:
        given["probabilities"] = dict(ranked(row, label_names))
    return given
