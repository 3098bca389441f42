"""Methods that calibration did not choose, calibrated alike, so that a report can compare them with the chosen ones.

A bundle keeps them in a file of their own, because no server needs them.
"""

import json
import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from dogbreed.answers.calibration import Gate
from dogbreed.answers.outputs import Outputs
from dogbreed.answers.scores import SCORES, can_compute
from dogbreed.answers.shortlists import conformal_threshold, nonconformity
from dogbreed.model.bundle import ALTERNATIVES_FILE, CONFIG_FILE, Bundle, BundleError
from dogbreed.strict_model import StrictModel
from trainer.calibration.thresholds import COVERAGE, fit_gate

PENALTIES = (0.0, 0.01, 0.05, 0.2)

Floats = NDArray[np.floating]


class SetMethod(StrictModel):
    """A method of making prediction sets. LAC takes every breed whose probability is high enough by itself."""

    method: Literal["LAC", "APS", "RAPS"]
    penalty: float = Field(ge=0)
    threshold: float


class Alternatives(StrictModel):
    """`calibration_alternatives.json`: methods for shortlists, and a gate for every score that the network gives."""

    shortlists: list[SetMethod] = []
    gates: list[Gate] = []


def fit_set_methods(probabilities: Floats, targets: NDArray[np.int64]) -> list[SetMethod]:
    """LAC (Sadinle et al. 2019), APS (Romano et al. 2020) and RAPS (Angelopoulos et al. 2021) with several penalties.

    Args:
        probabilities: `[photos, classes]`.
        targets: true class indices `[photos]`.

    Returns:
        Nothing if there are too few photos for a promise.
    """
    rows = np.arange(len(targets))
    least_ambiguous = conformal_threshold(1 - probabilities[rows, targets], COVERAGE)
    if math.isinf(least_ambiguous):
        return []
    methods = [SetMethod(method="LAC", penalty=0, threshold=least_ambiguous)]
    for penalty in PENALTIES:
        threshold = conformal_threshold(nonconformity(probabilities, penalty)[rows, targets], COVERAGE)
        methods.append(SetMethod(method="RAPS" if penalty else "APS", penalty=penalty, threshold=threshold))
    return methods


def fit_gates(outputs: Outputs, views: int = 1) -> list[Gate]:
    """One gate for every score that the outputs allow."""
    gates = (fit_gate(score, SCORES[score](outputs), views=views) for score in SCORES if can_compute(score, outputs))
    return [gate for gate in gates if gate]


def read_alternatives(bundle: Bundle) -> Alternatives:
    """A bundle's alternatives; none if it has none. Bundles of earlier versions keep them in `config.json`.

    Raises:
        BundleError: the file is not valid.
    """
    path = bundle.path / ALTERNATIVES_FILE
    try:
        if path.is_file():
            return Alternatives.model_validate_json(path.read_text(encoding="utf-8"))
        calibration = json.loads((bundle.path / CONFIG_FILE).read_text(encoding="utf-8")).get("calibration", {})
        shortlist = calibration.get("shortlist") or {}
        return Alternatives(shortlists=shortlist.get("alternatives", []), gates=calibration.get("gates", []))
    except (OSError, ValueError, ValidationError) as error:
        raise BundleError(f"{path} is not valid: {error}. Export the bundle again.") from error
