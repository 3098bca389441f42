"""Worse, no different or better: one decision from all measures, with a false alarm in 5 % of comparisons at most."""

from dataclasses import dataclass

from dogbreed.answers.breeds import display_name
from dogbreed.model.comparison_result import Outcome
from trainer.comparing.compared import Compared
from trainer.comparing.guarded import Guarded, Member
from trainer.comparing.paired_tests import holm
from trainer.comparing.wording import better_sentence, member_sentence, power_sentence, worse_sentence

LEVEL = 0.05  # the share of comparisons of equal bundles in which one is called worse, at most
# Measures in the order in which people ask for them.
TOLD_FIRST = (
    "top1", "breeds", "groups", "right_verdicts", "dogs_refused", "no_dogs_found", "unfamiliar_named", "promises",
    "log_loss", "calibration_error", "slower",
)  # fmt: skip
MOST_NAMED = 10  # members or breeds in one reason
WEAK = 0.05  # a loss of top-1: if only larger ones would be found, too few photos were compared


@dataclass(frozen=True)
class Decision:
    """The outcome and its reasons.

    Attributes:
        corrected: the p-value of each measure that it is not worse, corrected for the number of measures (Holm).
        least: the smallest true loss in each measure that is found in 4 of 5 comparisons.
        worse_members: the measure and the name of each breed, group or kind of verdict that is worse by itself.
    """

    outcome: Outcome
    reasons: list[str]
    corrected: list[float]
    least: list[float | None]
    worse_members: frozenset[tuple[str, str]] = frozenset()


def decide(measures: list[Guarded], compared: Compared, allow_missing: bool) -> Decision:
    """Worse if a measure lost more than its margin, or something is missing; otherwise better if top-1 or the log loss
    is."""
    corrected = holm([measure.p for measure in measures])
    each = LEVEL / len(measures)  # the level of the first step of Holm's method
    least = [measure.least(each) for measure in measures]
    worse = _lacking(compared, allow_missing)
    named: set[tuple[str, str]] = set()
    ordered = sorted(zip(measures, corrected, strict=True), key=lambda pair: TOLD_FIRST.index(pair[0].measure))
    for measure, p in ordered:
        if p < LEVEL:
            members = _worse_members(measure, len(measures))
            worse += _reasons(measure, members, p, len(measures))
            named |= {(measure.measure, member.name) for member in members}
    if worse:
        return Decision("worse", worse, corrected, least, frozenset(named))
    asked = [(measure, measure.better) for measure in measures if measure.better is not None]
    gains = holm([p for _, p in asked])
    better = [better_sentence(measure, p) for (measure, _), p in zip(asked, gains, strict=True) if p < LEVEL]
    power = _power(measures, least)
    if better:
        return Decision("better", [*better, "Nothing that is guarded became worse.", *power], corrected, least)
    nothing = "Nothing that is guarded became worse, and neither top-1 nor the log loss became better beyond chance."
    return Decision("no_different", [nothing, *power], corrected, least)


def _lacking(compared: Compared, allow_missing: bool) -> list[str]:
    """What the new bundle does not have at all."""
    reasons = []
    if compared.missing and not allow_missing:
        named = ", ".join(display_name(label) for label in compared.missing[:MOST_NAMED])
        more = ", …" if len(compared.missing) > MOST_NAMED else ""
        reasons.append(f"The new bundle does not know {len(compared.missing)} of the old one's breeds: {named}{more}.")
    if compared.old.kinds is not None and compared.new.kinds is None:
        reasons.append("The new bundle gives no verdicts, and the old one does.")
    return reasons


def _worse_members(measure: Guarded, tests: int) -> list[Member]:
    """Of many members those that are worse by themselves after a correction for all tests, and at least one."""
    ordered = sorted(measure.members, key=lambda member: member.corrected)
    return [member for number, member in enumerate(ordered) if tests * member.corrected < LEVEL or number == 0]


def _reasons(measure: Guarded, found: list[Member], p: float, tests: int) -> list[str]:
    if not found:
        return [worse_sentence(measure, p)]
    said = [
        member_sentence(measure, member, tests * member.corrected if number else p)
        for number, member in enumerate(found[:MOST_NAMED])
    ]
    more = len(found) - len(said)
    return [*said, f"And {more} more: see the page."] if more else said


def _power(measures: list[Guarded], least: list[float | None]) -> list[str]:
    said = []
    for measure, smallest in zip(measures, least, strict=True):
        if measure.measure == "top1":
            said.append(power_sentence(measure, smallest))
            if smallest is None or smallest > WEAK:
                said.append(f"So few photos ({measure.of}) say little: compare on more before you rely on this.")
        elif measure.measure == "breeds":
            said.append(_breeds_power(measure, smallest))
    return said


def _breeds_power(measure: Guarded, least: float | None) -> str:
    sizes = sorted(member.photos for member in measure.members)
    middle = sizes[len(sizes) // 2]
    if least is None:
        return f"No loss of a single breed would have been found: most have about {middle} photos."
    return (
        f"Of a single breed with {middle} photos, as most have, a loss of {100 * least:.0f} percentage points would "
        "have been found in 4 of 5 comparisons."
    )
