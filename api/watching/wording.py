"""What the page of the weeks says in words."""

import math
from collections.abc import Sequence

from api.watching.changes import DIVISIONS, Comparison
from api.watching.day_figures import MARGINS, PROBABILITIES, SIDES
from api.watching.unusual import REFERENCE_ANSWERS, REFERENCE_WEEKS, Change, Watched
from api.watching.weeks import Week
from dogbreed.answers.breeds import display_name
from dogbreed.answers.naming import KIND_NAMES

WHAT = {
    "agreement": "Visitors agreed with",
    "not_a_dog": "Photos without a dog were",
    "unfamiliar": "Dogs of breeds that the model may not know were",
    "unsure": "Answers with a probability below 50% were",
    "kind": "The kinds of verdict differ",
    "breed": "The breeds answered differ",
    "side": "The sizes of the photos differ",
    "probability": "The probabilities differ",
    "dog": "The scores for “a dog at all” differ",
    "familiarity": "The scores for “a known breed” differ",
}
OF = {"agreement": "judged answers", "not_a_dog": "answers", "unfamiliar": "answers", "unsure": "answers"}
TO_DO = {
    "agreement": "Look at what visitors said under Feedback. Was the model, the engine or the precision changed?",
    "not_a_dog": "Look for a new source of visitors, or a client that sends other pictures.",
    "unfamiliar": "Visitors may have dogs of other breeds now. Consider training with them.",
    "unsure": "Photos may be darker, blurred or smaller, or the model does not fit them any more.",
    "kind": "See which kind grew, and the other changes.",
    "breed": "One visitor, an event or an article about a breed can do this. The model may be as good as before.",
    "side": "A client may shrink or enlarge photos now. Very small photos are answered worse.",
    "probability": "Photos may have changed, or the model or its engine.",
    "dog": "Photos may have changed, or the model or its engine.",
    "familiarity": "Visitors may have dogs of other breeds now, or other photos.",
}


def percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}"


def date_of(week: Week) -> str:
    return f"{week.monday.day} {week.monday:%B %Y}"


def reference_text(watched: Watched) -> str:
    first, last = watched.reference[0], watched.reference[-1]
    weeks = f"the {len(watched.reference)} weeks from {date_of(first)} on ({first.name} to {last.name})"
    return f"{weeks} of {watched.model}" if watched.model else f"{weeks}, which are those before the newest model"


def headline(watched: Watched) -> str:
    """The page's first sentence."""
    if not watched.weeks:
        return "No answers have been counted yet."
    if not watched.reference:
        return "It is too early to tell what is unusual."
    if not any(watched.compared.values()):
        return "It is too early to tell what is unusual: the next week is the first that can be compared."
    if not watched.going_on:
        return "Nothing unusual."
    number, since = len(watched.going_on), date_of(watched.going_on[0].since)
    what = "One measure has" if number == 1 else f"{number} measures have"
    return f"{what} changed since the week of {since}."


def explanation(watched: Watched) -> str:
    """What the first sentence rests on."""
    if not watched.weeks:
        return "Answers appear here as soon as the server stores some. A table and charts follow."
    answers = sum(week.answers for week in watched.weeks)
    if not watched.reference:
        return (
            f"Weeks are compared with the first {REFERENCE_WEEKS} weeks that have at least {REFERENCE_ANSWERS} answers "
            f"together. So far there are {_number(answers, 'answer')} in {_number(len(watched.weeks), 'week')}."
        )
    if not any(watched.compared.values()):
        return f"Later weeks will be compared with {reference_text(watched)}."
    weeks = _number(sum(1 for found in watched.compared.values() if found), "week")
    marked = " Unusual weeks are orange in the charts." if watched.changes else ""
    return f"Compared: {weeks}, with {reference_text(watched)}.{marked}"


def change_text(change: Change) -> str:
    """What changed, since when, and how sure that is."""
    found, key = change.latest, change.measure.key
    when = f"since the week of {date_of(change.since)}"
    if not change.goes_on:
        until = "" if change.until is change.since else f" to the week of {date_of(change.until)}"
        when = f"in the week of {date_of(change.since)}{until}"
    now, before = percent(found.after), percent(found.before)
    if change.measure.least is not None:
        said = f"{WHAT[key]} {now} of {OF[key]} {when}, before {before}."
    else:
        said = f"{WHAT[key]} {when}: most of all, {now} are “{bin_name(key, found.bin)}”, before {before}."
    return f"{said} {_certainty(found)}"


def _certainty(found: Comparison) -> str:
    number = {0: "none differs", 1: "one differs"}.get(found.as_large, f"{found.as_large} differ")
    weeks = f" ({found.weeks} weeks together)" if found.weeks > 1 else ""
    return f"Of {DIVISIONS:,} random divisions of the days, {number} as much{weeks}."


def bin_name(key: str, name: str) -> str:
    """What a bin of a distribution is called."""
    match key:
        case "breed":
            return display_name(name)
        case "kind":
            return KIND_NAMES.get(name, "no verdict")  # type: ignore[call-overload,no-any-return]
        case "side":
            lower, upper = _range(name, SIDES)
            return f"{max(lower, 0):g} to {upper:g} pixels on the shorter side"
        case "probability":
            lower, upper = _range(name, PROBABILITIES)
            return f"{max(lower, 0):.0%} to {min(upper, 1):.0%}"
        case _:
            lower, upper = _range(name, MARGINS)
            sides = (lower, upper, "above") if lower >= 0 else (-upper, -lower, "below")
            return f"{sides[0]:g} to {sides[1]:g} {sides[2]} the threshold".replace(" to inf", " or more")


def _range(name: str, edges: Sequence[float]) -> tuple[float, float]:
    """From where to where a bin reaches."""
    bounds = [-math.inf, *edges, math.inf]
    index = 0 if name == "below" else 1 + min(range(len(edges)), key=lambda each: abs(edges[each] - float(name)))
    return bounds[index], bounds[index + 1]


def promise_text(right: int, judged: int, interval: Sequence[float], promised: float) -> str:
    """Whether a promise is kept among the judged answers."""
    if not judged:
        return "nobody has judged one"
    if interval[0] >= promised:
        return "kept"
    if interval[1] < promised:
        return "not kept"
    return "cannot be told" if right / judged < promised else "kept so far"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
