"""A calibration in words."""

from dogbreed.answers.calibration import Calibration, Kind, VerdictThresholds
from dogbreed.answers.naming import PROMISED

KINDS: dict[Kind, str] = {
    "breed": "a breed",
    "probably": "a probable breed",
    "one_of": "two or three breeds",
    "group": "a group",
}


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
    least = {
        "breed": thresholds.breed,
        "probably": thresholds.probably,
        "one_of": thresholds.one_of,
        "group": thresholds.group,
    }
    lines = []
    for kind, name in KINDS.items():
        threshold, measured = least[kind], thresholds.measured.get(kind)
        if threshold is not None and threshold <= 1:
            right = f", {measured.right} of {measured.photos} right" if measured else ""
            lines.append(f"{name} from {threshold:.0%} (promised {PROMISED[kind]:.0%}{right})")
    return "; ".join(lines) or "only uncertain ones"
