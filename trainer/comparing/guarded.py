"""A measure in which the new bundle must not be worse, with the test of that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trainer.comparing.paired_tests import (
    Discordant,
    Interval,
    least_found,
    loses_more_than,
    loss_interval,
    mcnemar,
    smallest_possible,
    tarone,
)

Mask = NDArray[np.bool_]
LeastFound = Callable[[float], float | None]  # of the level of a test


@dataclass(frozen=True)
class Member:
    """One of many that are tested together, such as a breed.

    Attributes:
        old, new: the values; None if there was nothing to measure.
        loss: how much worse the new one is, with its 95 % interval.
        p: that the loss is no more than the margin.
        corrected: the same, corrected for the number of members.
    """

    name: str
    photos: int
    old: float | None
    new: float | None
    loss: float
    interval: Interval
    p: float
    corrected: float = 1.0


@dataclass(frozen=True)
class Guarded:
    """One measure.

    Attributes:
        measure: its key in `wording.MEASURES`.
        of: the photos.
        margin: a loss up to this is accepted.
        p: that the loss is no more than the margin; of many members, that this is so for all.
        old, new, loss, interval: as of a member. A measure of many members has none of its own.
        better: the p-value that the new one is not better; None where that is not asked.
        least: the smallest true loss that is found in 4 of 5 comparisons, by the level of the test.
    """

    measure: str
    of: str
    photos: int
    margin: float
    p: float
    old: float | None = None
    new: float | None = None
    loss: float | None = None
    interval: Interval | None = None
    better: float | None = None
    members: list[Member] = field(default_factory=list)
    least: LeastFound = lambda level: None


def guarded_share(
    measure: str, of: str, old: Mask, new: Mask, margin: float, higher_is_better: bool = True, ask_better: bool = False
) -> Guarded:
    """A share of photos, by whether each photo counts for the old bundle and for the new one."""
    pairs = Discordant.of(old, new)
    pairs = pairs if higher_is_better else pairs.reversed()
    differing = (pairs.lost + pairs.gained) / pairs.n
    return Guarded(
        measure,
        of,
        pairs.n,
        margin,
        loses_more_than(pairs, margin),
        float(old.mean()),
        float(new.mean()),
        pairs.loss,
        loss_interval(pairs),
        mcnemar(pairs.reversed()) if ask_better else None,
        least=lambda level: least_found(differing, pairs.n, margin, level),
    )


def guarded_members(
    measure: str,
    of: str,
    members: Sequence[Member],
    margin: float,
    corrected: Sequence[float],
    least: LeastFound = lambda level: None,
) -> Guarded:
    """Many members as one measure: its p-value is the smallest one.

    Args:
        corrected: the members' p-values, corrected for their number.
    """
    rows = [replace(member, corrected=p) for member, p in zip(members, corrected, strict=True)]
    return Guarded(
        measure, of, max(member.photos for member in rows), margin, min(corrected), members=rows, least=least
    )


def guarded_parts(
    measure: str, of: str, parts: NDArray[np.str_], old: Mask, new: Mask, margin: float, fewest: int
) -> Guarded | None:
    """The share of right photos in each part, such as a breed; None if fewer than two parts have enough photos.

    Args:
        parts: the name of each photo's part, or "" for none.
        fewest: parts with fewer photos are left out: no test could find anything in them, only the correction grows.
    """
    members, found = [], []
    for name in np.unique(parts[parts != ""]):
        mine = parts == name
        pairs = Discordant.of(old[mine], new[mine])
        if pairs.n < fewest:
            continue
        p, interval = loses_more_than(pairs, margin), loss_interval(pairs)
        shares = float(old[mine].mean()), float(new[mine].mean())
        members.append(Member(str(name), pairs.n, *shares, pairs.loss, interval, p))
        found.append(pairs)
    if len(members) < 2:
        return None
    smallest = [smallest_possible(pairs, margin) for pairs in found]
    corrected = tarone([member.p for member in members], smallest)
    sizes = [pairs.n for pairs in found]
    share, middle = sum(pairs.lost + pairs.gained for pairs in found) / sum(sizes), int(np.median(sizes))

    def least(level: float) -> float | None:
        able = 1 + sum(p <= level / len(found) for p in smallest)
        return least_found(share, middle, margin, level / able)

    return guarded_members(measure, of, members, margin, corrected, least)
