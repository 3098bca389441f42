"""What calibration gives, and how a run's folder keeps it until a bundle is exported."""

from dataclasses import dataclass, field

from dogbreed.answers.calibration import Calibration, LookAlikes
from dogbreed.model.bundle import ALTERNATIVES_FILE, LOOK_ALIKES_FILE, write_json
from trainer.calibration.alternatives import Alternatives
from trainer.networks.score_tensors import ScoreTensors
from trainer.networks.weights_file import write_weights
from trainer.training.run import run_score_tensors
from trainer.training.run_folder import Run

CALIBRATION_FILE = "calibration.json"


@dataclass(frozen=True)
class CalibrationResult:
    """Numbers for a bundle's configuration, tensors for its scores, its look-alikes, and methods to compare with."""

    calibration: Calibration
    score_tensors: ScoreTensors
    look_alikes: LookAlikes | None = None
    alternatives: Alternatives = field(default_factory=Alternatives)


def write_results(run: Run, result: CalibrationResult) -> None:
    """Keeps the results in the run's folder."""
    write_weights(run.score_tensors, result.score_tensors.state())
    if result.look_alikes:
        write_json(run.path / LOOK_ALIKES_FILE, result.look_alikes)
    write_json(run.path / ALTERNATIVES_FILE, result.alternatives)
    write_json(run.path / CALIBRATION_FILE, result.calibration)


def read_results(run: Run) -> CalibrationResult:
    """The results that a run's folder keeps. A run that is not calibrated yet has its score tensors alone."""
    calibration, look_alikes, alternatives = (
        path.read_text(encoding="utf-8") if (path := run.path / name).is_file() else None
        for name in (CALIBRATION_FILE, LOOK_ALIKES_FILE, ALTERNATIVES_FILE)
    )
    return CalibrationResult(
        Calibration.model_validate_json(calibration or "{}"),
        run_score_tensors(run),
        LookAlikes.model_validate_json(look_alikes) if look_alikes else None,
        Alternatives.model_validate_json(alternatives or "{}"),
    )
