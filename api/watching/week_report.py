"""What the page of the weeks shows: charts, the table, promises."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from api.watching.changes import MEASURES, Comparison, Measure
from api.watching.day_figures import NO_VERDICT
from api.watching.unusual import Watched
from api.watching.week_charts import Axes, Chart, bars, shares, stacked
from api.watching.week_wording import date_of, percent, promise_text
from api.watching.weeks import Share, Week, together
from dogbreed.answers.naming import KIND_NAMES, PROMISED

SHOWN_WEEKS = 26
KINDS = {**{str(kind): name for kind, name in KIND_NAMES.items()}, NO_VERDICT: "no verdict"}
SHARES: dict[str, tuple[str, Callable[[Week], Share]]] = {
    "agreement": ("Visitors who agreed, of those who judged", lambda week: week.agreement),
    "not_a_dog": ("Photos without a dog", lambda week: week.not_a_dog),
    "unfamiliar": ("Dogs of breeds that the model may not know", lambda week: week.unfamiliar),
    "unsure": ("Answers with a probability below 50%", lambda week: week.unsure),
}
DIVERGING = {
    "breed": "How much the breeds answered differ",
    "side": "How much the sizes of photos differ",
    "probability": "How much the probabilities differ",
    "dog": "How much the scores for “a dog at all” differ",
    "familiarity": "How much the scores for “a known breed” differ",
}


@dataclass(frozen=True)
class Row:
    """A week in the table."""

    week: Week
    kinds: list[str]
    shares: list[str]
    unusual: list[str]


@dataclass(frozen=True)
class Promise:
    """How often visitors agreed with one kind of verdict that promises a share."""

    name: str
    share: str
    promised: str
    kept: str


def charts(watched: Watched) -> list[Chart]:
    shown = watched.weeks[-SHOWN_WEEKS:]
    if not shown:
        return []
    names = [week.name for week in shown]
    drawn = [_answers(watched, shown, names), _share(watched, shown, names, "agreement"), _mix(watched, shown, names)]
    drawn += [_share(watched, shown, names, key) for key in SHARES if key != "agreement"]
    for measure in MEASURES:
        found = _found(watched, measure)
        if measure.key in DIVERGING and any(week.monday in found for week in shown):
            drawn.append(_divergence(watched, shown, measure, found))
    return drawn


def kinds_of(watched: Watched) -> list[str]:
    """The kinds of verdict that were given."""
    given = together(week.figures for week in watched.weeks[-SHOWN_WEEKS:])["kind"]
    return [kind for kind in KINDS if given[kind]]


def table(watched: Watched) -> list[Row]:
    """The newest week first."""
    kinds = kinds_of(watched)
    return [
        Row(
            week,
            [percent(week.figures["kind"][kind] / week.answers) for kind in kinds],
            [share_text(of(week)) for _, of in SHARES.values()],
            [measure.title for measure in MEASURES if week.monday in unusual_weeks(watched, measure)],
        )
        for week in reversed(watched.weeks[-SHOWN_WEEKS:])
    ]


def promises(watched: Watched) -> list[Promise]:
    figures = together(week.figures for week in watched.weeks[-SHOWN_WEEKS:])
    found = []
    for kind, promised in PROMISED.items():
        if figures["kind"][kind]:
            share = Share(figures["right"][kind], figures["judged"][kind])
            kept = promise_text(share.hits, share.n, share.interval, promised)
            found.append(Promise(KINDS[kind], share_text(share), percent(promised), kept))
    return found


def share_text(share: Share) -> str:
    if share.value is None:
        return "-"
    low, high = share.interval
    return f"{percent(share.value)} ({percent(low)} to {percent(high)}), {share.hits:,} of {share.n:,}"


def unusual_weeks(watched: Watched, measure: Measure) -> set[date]:
    return {
        week.monday
        for change in watched.changes
        if change.measure is measure
        for week in watched.weeks
        if change.since.monday <= week.monday <= change.until.monday
    }


def _answers(watched: Watched, shown: list[Week], names: list[str]) -> Chart:
    values = [float(week.answers) for week in shown]
    axes = Axes(names, _round_up(max(values)), lambda value: f"{value:,.0f}")
    earlier = values[:-1]
    text = f"{shown[-1].answers:,}."
    if earlier:
        text = f"{text} Before: {min(earlier):,.0f} to {max(earlier):,.0f}."
    drawn = bars(axes, values, [False] * len(shown))
    return Chart("Answers a week", f"{_newest(watched)}: {text}", drawn)


def _newest(watched: Watched) -> str:
    return "This week so far" if watched.is_running(watched.weeks[-1]) else "Newest week"


def _share(watched: Watched, shown: list[Week], names: list[str], key: str) -> Chart:
    title, of = SHARES[key]
    found = [of(week) for week in shown]
    reference = _together_share(of, watched.reference)
    (measure,) = (measure for measure in MEASURES if measure.key == key)
    unusual = unusual_weeks(watched, measure)
    axes = Axes(names, 1.0, percent)
    if key != "agreement":
        complete = [share for share, week in zip(found, shown, strict=True) if share.n and not watched.is_running(week)]
        axes = Axes(names, min(1.0, _round_up(max(0.01, *(share.interval[1] for share in complete or found)))), percent)
    values, intervals = [share.value for share in found], [share.interval for share in found]
    drawn = shares(axes, values, intervals, [week.monday in unusual for week in shown], reference)
    return Chart(title, _share_words(_newest(watched), found[-1], reference), drawn)


def _share_words(newest: str, last: Share, reference: float | None) -> str:
    text = f"{newest}: {share_text(last)}." if last.n else f"{newest}: none was judged."
    return text if reference is None else f"{text} Dashed: {percent(reference)}, the weeks compared with."


def _together_share(of: Callable[[Week], Share], weeks: Iterable[Week]) -> float | None:
    found = [of(week) for week in weeks]
    return Share(sum(share.hits for share in found), sum(share.n for share in found)).value


def _mix(watched: Watched, shown: list[Week], names: list[str]) -> Chart:
    kinds = kinds_of(watched)
    parts = [(f"kind-{kind}", [week.figures["kind"][kind] / week.answers for week in shown]) for kind in kinds]
    last = shown[-1]
    text = ", ".join(f"{KINDS[kind]} {percent(last.figures['kind'][kind] / last.answers)}" for kind in kinds)
    legend = [(f"kind-{kind}", KINDS[kind]) for kind in kinds]
    return Chart("Verdicts", f"{_newest(watched)}: {text}.", stacked(Axes(names, 1.0, percent), parts), legend)


def _found(watched: Watched, measure: Measure) -> dict[date, Comparison]:
    """The comparisons by one measure, by Monday."""
    return {
        monday: comparison
        for monday, comparisons in watched.compared.items()
        for comparison in comparisons
        if comparison.measure is measure
    }


def _divergence(watched: Watched, shown: list[Week], measure: Measure, found: dict[date, Comparison]) -> Chart:
    weeks = [week for week in shown if week.monday in found]
    values = [found[week.monday].divergence for week in weeks]
    levels = [found[week.monday].noise for week in weeks]
    unusual = unusual_weeks(watched, measure)
    axes = Axes([week.name for week in weeks], _round_up(max([0.02, *values, *levels])), lambda value: f"{value:.3f}")
    last = f"Week of {date_of(weeks[-1])}: {values[-1]:.3f} bits."
    text = f"{last} Dashed: {levels[-1]:.3f}, which chance alone seldom exceeds."
    return Chart(DIVERGING[measure.key], text, bars(axes, values, [week.monday in unusual for week in weeks], levels))


def _round_up(value: float) -> float:
    """To 1, 2 or 5 times a power of ten; a quarter of it must have a short name too."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value * (1 - 1e-9))
