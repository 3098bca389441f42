"""Whether a week differs from the reference weeks by more than chance.

The measure is the Jensen-Shannon divergence (in bits) between the week's counts and those of the reference. Photos of
one day depend on each other (one visitor sends ten of the same dog), so chance is measured with whole days: the days of
the week and of the reference are divided again at random, `DIVISIONS` times, into as many as they were (a permutation
test). A week differs if hardly any division differs as much, and if the difference is large enough to matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from api.watching.day_figures import Figures
from api.watching.weeks import UNSURE, Week

DIVISIONS = 10_000
FIRST_DIVISIONS = 500  # enough for what is far from unusual, and for the level of noise
MOST_AS_LARGE = 2  # of `DIVISIONS`; deploy/README.md has the rate of false alarms
LEAST_DAYS = 3  # with fewer, there are too few ways to divide the days
NOISE = 0.99  # this share of the divisions diverges less than the level of noise
LEAST_DIVERGENCE = 0.01  # bits; about 0.06 as a population stability index


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """What is compared. A share has `least`, the difference that matters; a distribution has none."""

    key: str
    title: str
    least: float | None = None
    of_one_model: bool = False  # scores of different models cannot be compared


MEASURES = (
    Measure("agreement", "Visitors agreed", 0.05),
    Measure("not_a_dog", "No dog", 0.01),
    Measure("unfamiliar", "Unfamiliar dogs", 0.015),
    Measure("unsure", "Probability below 50%", 0.02),
    Measure("kind", "Kinds of verdict"),
    Measure("breed", "Breeds answered"),
    Measure("side", "Sizes of photos"),
    Measure("probability", "Probabilities", of_one_model=True),
    Measure("dog", "Dog scores", of_one_model=True),
    Measure("familiarity", "Familiarity scores", of_one_model=True),
)


@dataclass(frozen=True)
class Comparison:
    """One measure of the weeks up to `week`, compared with the reference.

    Attributes:
        weeks: how many weeks were taken together.
        divergence, noise: in bits; `noise` is what chance alone seldom exceeds.
        as_large: how many of `divisions` random divisions diverged as much.
        before, after: the share in the reference and now, or that of the bin which changed most, `bin`.
    """

    measure: Measure
    weeks: int
    divergence: float
    noise: float
    as_large: int
    divisions: int
    before: float
    after: float
    bin: str

    @property
    def is_unusual(self) -> bool:
        is_rare = self.divisions == DIVISIONS and self.as_large <= MOST_AS_LARGE
        if self.measure.least is None:
            return is_rare and self.divergence >= LEAST_DIVERGENCE
        return is_rare and abs(self.after - self.before) >= self.measure.least


def compare(reference: Sequence[Week], weeks: Sequence[Week], measures: Iterable[Measure]) -> list[Comparison]:
    """Compares the weeks together with the reference, by each measure that both have values of."""
    before = [figures for week in reference for figures in week.days.values()]
    after = [figures for week in weeks for figures in week.days.values()]
    found = [_compare(measure, before, after, len(weeks)) for measure in measures]
    return [comparison for comparison in found if comparison is not None]


def _compare(measure: Measure, before: list[Figures], after: list[Figures], weeks: int) -> Comparison | None:
    bins, counts = _counts(measure, [*before, *after])
    has = counts.sum(axis=1) > 0
    counts, chosen = counts[has], int(has[len(before) :].sum())
    if min(chosen, len(counts) - chosen) < LEAST_DAYS:
        return None
    whole = counts.sum(axis=0)
    now = counts[-chosen:].sum(axis=0)
    was = whole - now
    divergence = float(_divergence(now[None], whole)[0])
    random = _of_divisions(counts, chosen, FIRST_DIVISIONS, seed=0)
    noise = float(np.quantile(random, NOISE))
    as_large, divisions = _number_as_large(random, divergence), FIRST_DIVISIONS
    if as_large <= MOST_AS_LARGE:
        divisions = DIVISIONS
        as_large += _number_as_large(_of_divisions(counts, chosen, DIVISIONS - FIRST_DIVISIONS, seed=1), divergence)
    before_shares, after_shares = was / was.sum(), now / now.sum()
    most = 0 if measure.least is not None else int(np.abs(after_shares - before_shares).argmax())
    shares = float(before_shares[most]), float(after_shares[most])
    return Comparison(measure, weeks, divergence, noise, as_large, divisions, *shares, bins[most])


def _counts(measure: Measure, days: list[Figures]) -> tuple[list[str], Floats]:
    """Names of the bins, and counts `[days, bins]`. A share has two bins: the counted ones and the others."""
    if measure.least is None:
        bins = sorted({name for day in days for name in day[measure.key]})
        return bins, np.array([[day[measure.key][name] for name in bins] for day in days], float).reshape(len(days), -1)
    pairs = [_share(measure.key, day) for day in days]
    return ["", "others"], np.array([[hits, n - hits] for hits, n in pairs], float)


def _share(key: str, day: Figures) -> tuple[int, int]:
    match key:
        case "agreement":
            return day["right"].total(), day["judged"].total()
        case "unsure":
            return sum(day["probability"][name] for name in UNSURE), day["probability"].total()
        case "unfamiliar":
            return day["unfamiliar"].total(), day["kind"].total()
        case _:
            return day["kind"][key], day["kind"].total()


def _number_as_large(random: Floats, divergence: float) -> int:
    return int((random >= divergence * (1 - 1e-9)).sum())


def _of_divisions(counts: Floats, chosen: int, number: int, seed: int) -> Floats:
    """The divergences of random divisions of the days, of which `chosen` are in one part."""
    return _divergence(_divisions(len(counts), chosen, number, seed) @ counts, counts.sum(axis=0))


@lru_cache(maxsize=4)
def _divisions(days: int, chosen: int, number: int, seed: int) -> Floats:
    """`[number, days]`: 1 for the days in the one part. Always the same ones: a page shows the same each time."""
    order = np.random.default_rng(seed).random((number, days)).argsort(axis=1)
    return (order < chosen).astype(float)


def _divergence(part: Floats, whole: Floats) -> Floats:
    """The Jensen-Shannon divergence between `part`, `[n, bins]`, and the rest of `whole`, `[bins]`: `[n]`, 0 to 1 bit.

    0 where either is empty.
    """
    rest = whole - part
    sums = part.sum(axis=1, keepdims=True), rest.sum(axis=1, keepdims=True)
    p, q = (some / np.maximum(n, 1) for some, n in zip((part, rest), sums, strict=True))
    middle = (p + q) / 2
    found = _entropy(middle) - (_entropy(p) + _entropy(q)) / 2
    return np.where((sums[0] > 0)[:, 0] & (sums[1] > 0)[:, 0], np.maximum(found, 0), 0)


def _entropy(shares: Floats) -> Floats:
    """In bits, along the last axis."""
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logarithms).sum(axis=-1))
