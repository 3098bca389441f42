"""A calibration in words."""

from dogbreed.answers.calibration import Calibration, VerdictThresholds
from dogbreed.answers.naming import KIND_NAMES, PROMISED


def described(calibration: Calibration) -> list[str]:
    """The calibration in lines for people, including what could not be fitted."""
    few = "none, because there are too few validation photos"
    c = calibration
    return [
        f"Temperature, fitted on the validation photos: {c.temperature}",
        f"Shortlists: {f'{c.shortlist.coverage:.0%} contain the breed' if c.shortlist else few}",
        f"Verdicts: {_verdicts(c.verdict) if c.verdict else few}",
        f"Score that tells dogs from everything else: {c.dog.score if c.dog else few}",
        f"Score that tells known breeds from others: {c.familiar.score if c.familiar else few}",
    ]


def _verdicts(thresholds: VerdictThresholds) -> str:
    lines = []
    for kind, least in thresholds.given.items():
        measured = thresholds.measured.get(kind)
        right = f", {measured.right} of {measured.photos} right" if measured else ""
        lines.append(f"{KIND_NAMES[kind]} from {least:.0%} (promised {PROMISED[kind]:.0%}{right})")
    return "; ".join(lines) or "only uncertain ones"
