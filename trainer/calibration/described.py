"""A calibration in words."""

from dogbreed.answers.calibration import Calibration, SameDog, VerdictThresholds
from dogbreed.answers.naming import promises


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
        f"Several photos of one dog: {_dependence(c.same_dog) if c.same_dog else few}",
    ]


def _verdicts(thresholds: VerdictThresholds) -> str:
    lines = [
        f"{p.name} from {p.least:.0%} (promised {p.promised:.0%}"
        + (f", {p.measured.right} of {p.measured.photos} right)" if p.measured else ")")
        for p in promises(thresholds)
    ]
    return "; ".join(lines) or "only uncertain ones"


def _dependence(same_dog: SameDog) -> str:
    return (
        f"independent of each other up to a correlation of {same_dog.independent:.2f} (least dependence "
        f"{same_dog.least:.2f}), the same from {same_dog.same:.2f} on"
    )
