"""All measures in which a new bundle must not be worse, and how much of a loss is accepted in each."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, binomtest

from dogbreed.answers.breeds import known_breed
from dogbreed.answers.calibration import Kind
from dogbreed.answers.naming import PROMISED
from trainer.comparing.both_answers import Both
from trainer.comparing.compared import Compared, Side
from trainer.comparing.guarded import Guarded, Member, guarded_members, guarded_parts, guarded_share
from trainer.comparing.paired_tests import (
    CONFIDENCE,
    Interval,
    holm,
    least_found_by_error,
    percentiles,
    resampled_means,
    share_at_most,
)
from trainer.evaluation.measures import ECE_BINS, calibration_error, ece_bins

# The losses that are accepted, because hardly anybody would notice them. Shares are in 0..1. Verdicts vary more from
# one training to the next of the same quality: over 20 pairs of last layers that were fitted on samples of the same
# photos, the standard deviation of the difference was 0.4 points for top-1 and 2.0 points for right verdicts (2,514
# test photos).
TOP1_MARGIN = 0.005
LOG_LOSS_MARGIN = 0.02
CALIBRATION_MARGIN = 0.02
RIGHT_VERDICTS_MARGIN = 0.03
BREED_MARGIN = 0.1
GROUP_MARGIN = 0.03
DOG_REFUSED_MARGIN = 0.005
NO_DOG_MARGIN = 0.02
UNFAMILIAR_MARGIN = 0.05
SLOWER = 2.0  # times: a model of another size may be wanted

FEWEST_OF_A_BREED = 5  # photos
FEWEST_RESAMPLED = 50  # photos of a set: with fewer a bootstrap reports too often
ALL_SETS = "all labelled photos"
NAMED: tuple[Kind, ...] = ("breed", "probably")


def guarded_measures(compared: Compared, slower: float = SLOWER) -> list[Guarded]:
    """Args: slower: how many times the old bundle's time for a photo the new one may take."""
    old, new = compared.old, compared.new
    judged = old.kinds is not None and new.kinds is not None
    measures: list[Guarded | None] = []
    for name in compared.sets:
        chosen = compared.set_names == name
        measures += _of_a_set(name, old.where(chosen), new.where(chosen), judged)
    breeds = compared.breeds
    measures += [
        guarded_parts("breeds", ALL_SETS, breeds, old.right, new.right, BREED_MARGIN, FEWEST_OF_A_BREED),
        guarded_parts("groups", ALL_SETS, _groups(breeds), old.right, new.right, GROUP_MARGIN, FEWEST_OF_A_BREED),
    ]
    if judged:
        measures.append(_promises(old, new))
        refused = old.is_kind("not_a_dog"), new.is_kind("not_a_dog")
        measures.append(guarded_share("dogs_refused", ALL_SETS, *refused, DOG_REFUSED_MARGIN, higher_is_better=False))
        measures.append(_of_kind("no_dogs_found", "photos without dogs", compared.not_a_dog, ("not_a_dog",)))
        measures.append(_of_kind("unfamiliar_named", "other breeds", compared.other_breeds, NAMED))
    measures.append(_speed(*compared.milliseconds(), slower))
    return [measure for measure in measures if measure is not None]


def _of_a_set(name: str, old: Side, new: Side, judged: bool) -> list[Guarded]:
    found = [guarded_share("top1", name, old.right, new.right, TOP1_MARGIN, ask_better=True)]
    if len(old.right) >= FEWEST_RESAMPLED:
        found += _losses_and_calibration(name, old, new)
    if judged:
        verdicts = old.right_verdicts, new.right_verdicts
        found.append(guarded_share("right_verdicts", name, *verdicts, RIGHT_VERDICTS_MARGIN))
    return found


def _losses_and_calibration(name: str, old: Side, new: Side) -> tuple[Guarded, Guarded]:
    worse = new.losses - old.losses
    drawn = resampled_means(np.column_stack([worse, _gaps(old), _gaps(new)]))
    losses, errors = drawn[:, 0], [np.abs(part).sum(axis=1) for part in np.split(drawn[:, 1:], 2, axis=1)]
    log_loss = Guarded(
        "log_loss",
        name,
        len(worse),
        LOG_LOSS_MARGIN,
        share_at_most(losses, LOG_LOSS_MARGIN),
        float(old.losses.mean()),
        float(new.losses.mean()),
        float(worse.mean()),
        percentiles(losses),
        share_at_most(-losses, 0.0),
        least=lambda level: least_found_by_error(float(losses.std()), LOG_LOSS_MARGIN, level),
    )
    before, now = (calibration_error(side.confidence, side.right) for side in (old, new))
    # The basic bootstrap, as for one bundle: see `measured_calibration_error`.
    reflected = 2 * (now - before) - (errors[1] - errors[0])
    calibration = Guarded(
        "calibration_error",
        name,
        len(worse),
        CALIBRATION_MARGIN,
        share_at_most(reflected, CALIBRATION_MARGIN),
        before,
        now,
        now - before,
        percentiles(reflected),
        least=lambda level: least_found_by_error(float(reflected.std()), CALIBRATION_MARGIN, level),
    )
    return log_loss, calibration


def _gaps(side: Side) -> NDArray[np.float64]:
    """`[n, bins]`: each photo's confidence less its correctness, in the column of its bin."""
    gaps = np.zeros((len(side.right), ECE_BINS))
    gaps[np.arange(len(gaps)), ece_bins(side.confidence)] = side.confidence - side.right
    return gaps


def _groups(breeds: NDArray[np.str_]) -> NDArray[np.str_]:
    known = [known_breed(breed) for breed in breeds.tolist()]
    return np.array([breed.group if breed else "" for breed in known], np.str_)


def _promises(old: Side, new: Side) -> Guarded | None:
    """Whether the verdicts of each kind are right as often as promised. See `_promise` for when they are worse."""
    members = [member for kind, promised in PROMISED.items() if (member := _promise(kind, promised, old, new))]
    if not members:
        return None
    return guarded_members("promises", ALL_SETS, members, 0.0, holm([member.p for member in members]))


def _promise(kind: Kind, promised: float, old: Side, new: Side) -> Member | None:
    """A kind is worse if its verdicts are right less often than promised, and less often than the old bundle's.

    Its p-value is the larger one of the two: on photos of another kind the old bundle may break its promises too.
    """
    given = [side.is_kind(kind) for side in (old, new)]
    right = [mine & side.right_verdicts for mine, side in zip(given, (old, new), strict=True)]
    if not given[1].any():
        return None
    now = int(right[1].sum()), int(given[1].sum())
    broken = float(binomtest(*now, promised, alternative="less").pvalue)
    share = now[0] / now[1]
    if not given[0].any():
        return Member(kind, now[1], None, share, promised - share, (promised - share,) * 2, broken)
    drawn = resampled_means(np.column_stack([*given, *right]).astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        losses = np.nan_to_num(drawn[:, 2] / drawn[:, 0] - drawn[:, 3] / drawn[:, 1])
    before = float(right[0].sum() / given[0].sum())
    p = max(broken, share_at_most(losses, 0.0))
    return Member(kind, now[1], before, share, before - share, percentiles(losses), p)


def _of_kind(measure: str, of: str, both: Both, kinds: tuple[Kind, ...]) -> Guarded | None:
    """The share of photos of something else whose verdict is of one of these kinds."""
    if not len(both):
        return None
    old, new = (np.isin([v.kind for v in side.verdicts or []], kinds) for side in (both.old, both.new))
    good = "not_a_dog" in kinds
    margin = NO_DOG_MARGIN if good else UNFAMILIAR_MARGIN
    return guarded_share(measure, of, old, new, margin, higher_is_better=good)


def _speed(old: NDArray[np.float64], new: NDArray[np.float64], slower: float) -> Guarded:
    """The median over the photos of how many times the old bundle's time the new one took, with a sign test."""
    ratios = np.sort(new / np.maximum(old, 1e-9))
    n, larger = len(ratios), int((ratios > slower).sum())
    p = float(binom.sf(larger - 1, n, 0.5))
    return Guarded(
        "slower",
        "all photos",
        n,
        slower,
        p,
        float(np.median(old)),
        float(np.median(new)),
        float(np.median(ratios)),
        _median_interval(ratios),
    )


def _median_interval(ordered: NDArray[np.float64]) -> Interval:
    place = int(binom.ppf((1 - CONFIDENCE) / 2, len(ordered), 0.5))
    return float(ordered[max(place - 1, 0)]), float(ordered[min(len(ordered) - place, len(ordered) - 1)])
