"""How measures and their changes are said, on the terminal and on the page."""

from dataclasses import dataclass
from typing import Literal

from dogbreed.answers.breeds import display_name
from dogbreed.answers.naming import KIND_NAMES
from trainer.comparing.guarded import Guarded, Member

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"

Unit = Literal["share", "number", "times"]


@dataclass(frozen=True)
class Measure:
    """How a measure is called, and in which unit it is; `good` if more of it is better."""

    title: str
    unit: Unit
    good: bool
    explained: str


MEASURES: dict[str, Measure] = {
    "top1": Measure("top-1", "share", True, "the first answer is right"),
    "log_loss": Measure("log loss", "number", False, "how far the probability of the right breed is from 1"),
    "calibration_error": Measure("calibration error", "number", False, "how far probabilities are from the truth, ECE"),
    "right_verdicts": Measure(
        "right verdicts", "share", True, "the verdict names breeds or a group, and that is right"
    ),
    "breeds": Measure("each breed", "share", True, "top-1 of every breed, corrected for their number"),
    "groups": Measure("each group", "share", True, "top-1 of the breeds of a group, corrected for their number"),
    "promises": Measure(
        "promises", "share", True, "verdicts are right less often than promised and than the old bundle's"
    ),
    "dogs_refused": Measure("dogs refused", "share", False, "“no dog” for a photo of a dog"),
    "no_dogs_found": Measure("no dog", "share", True, "“no dog” for a photo without one"),
    "unfamiliar_named": Measure("unfamiliar breeds named", "share", False, "a dog of an unknown breed gets a breed"),
    "slower": Measure("time for a photo", "times", False, "median of the new time divided by the old one"),
}


def amount(value: float, unit: Unit) -> str:
    """A value of a measure."""
    return {"share": f"{value:.1%}", "number": f"{value:.3f}", "times": f"{value:.1f} ms"}[unit]


def change(value: float, unit: Unit) -> str:
    """A difference without its sign: percentage points for shares."""
    return {"share": f"{100 * abs(value):.1f}", "number": f"{abs(value):.3f}", "times": f"{value:.2f}"}[unit]


def signed(loss: float, measure: Measure) -> str:
    """New less old, with its sign, from a loss; for times, the factor."""
    if measure.unit == "times":
        return f"{TIMES}{loss:.2f}"
    difference = -loss if measure.good else loss
    said = change(difference, measure.unit)
    return said if float(said) == 0 else f"{'+' if difference > 0 else MINUS}{said}"


def least_said(least: float | None, measure: Measure) -> str:
    return "" if least is None else change(least, measure.unit)


def worse_sentence(guarded: Guarded, corrected: float) -> str:
    """Why a measure without members makes the new bundle worse."""
    measure = MEASURES[guarded.measure]
    assert guarded.old is not None
    assert guarded.new is not None
    assert guarded.loss is not None
    assert guarded.interval is not None
    if measure.unit == "times":
        return (
            f"A photo takes {guarded.loss:.2f} times as long ({amount(guarded.old, 'times')}, now "
            f"{amount(guarded.new, 'times')}); {guarded.margin:g} times is accepted."
        )
    low, high = (change(bound, measure.unit) for bound in guarded.interval)
    return (
        f"{_moved(guarded, 'fell' if measure.good else 'rose')} (95 % interval of the change {low} to {high}; "
        f"{change(guarded.margin, measure.unit)} is accepted; corrected p {p_value(corrected)})."
    )


def better_sentence(guarded: Guarded, corrected: float) -> str:
    """Why a measure makes the new bundle better."""
    verb = "rose" if MEASURES[guarded.measure].good else "fell"
    return f"{_moved(guarded, verb)} (corrected p {p_value(corrected)})."


def _moved(guarded: Guarded, verb: str) -> str:
    """By how much a measure changed, from what to what, and on how many photos."""
    measure = MEASURES[guarded.measure]
    assert guarded.old is not None
    assert guarded.new is not None
    assert guarded.loss is not None
    return (
        f"{_capital(measure.title)} {verb} by {change(guarded.loss, measure.unit)}{_points(measure)} on {guarded.of}: "
        f"{amount(guarded.old, measure.unit)} before, {amount(guarded.new, measure.unit)} now, of {guarded.photos:,} "
        "photos"
    )


def _points(measure: Measure) -> str:
    return " percentage points" if measure.unit == "share" else ""


def member_sentence(guarded: Guarded, member: Member, corrected: float) -> str:
    """Why one of many makes the new bundle worse. Its p-value is corrected for all tests."""
    before = "never given before" if member.old is None else f"{member.old:.0%} before"
    now = f"{member.new:.0%} now, of {member.photos:,} photos (corrected p {p_value(corrected)})."
    if guarded.measure == "promises":
        return f"Verdicts of the kind “{member_name(guarded, member)}” break their promise: right for {before}, {now}"
    what = "the group " if guarded.measure == "groups" else ""
    return f"Top-1 of {what}{member_name(guarded, member)} fell: {before}, {now}"


def member_name(guarded: Guarded, member: Member) -> str:
    if guarded.measure == "promises":
        kinds: dict[str, str] = dict(KIND_NAMES.items())
        return kinds[member.name]
    return display_name(member.name)


def power_sentence(guarded: Guarded, least: float | None) -> str:
    """What a comparison that found nothing could have found."""
    measure = MEASURES[guarded.measure]
    if least is None:
        return f"{guarded.photos:,} photos of {guarded.of} are too few to find any loss of {measure.title}."
    return (
        f"A loss of {change(least, measure.unit)}{_points(measure)} of {measure.title} on {guarded.of} would have been "
        f"found in 4 of 5 comparisons ({guarded.photos:,} photos); a smaller one may go unnoticed."
    )


def titled(guarded: Guarded) -> str:
    return f"{MEASURES[guarded.measure].title} on {guarded.of}"


def p_value(p: float) -> str:
    if p < 0.0001:
        return "below 0.0001"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
