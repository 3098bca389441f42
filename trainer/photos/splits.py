"""Splits that depend only on a seed and on the photos' names, not on the order of files."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from dogbreed.errors import DogbreedError

TRAIN = "train"
# Near-duplicates in two parts move to the first part, so that no other part gains a photo that a model of the ungrouped
# split was trained on. A part that would lose more than this share of a breed is filled up again.
TOLERATED_LOSS = 0.25


class SplitError(DogbreedError):
    """The text does not describe a split."""


def parse_split(text: str) -> dict[str, float]:
    """Parts and their shares of `75/25` (train, test), `70/20/10` (train, valid, test) or `train=60,valid=20,test=20`.

    Raises:
        SplitError: the text does not describe a split.
    """
    named = {2: (TRAIN, "test"), 3: (TRAIN, "valid", "test")}
    try:
        if "=" in text:
            pairs = [part.split("=") for part in text.split(",")]
            names, shares = [name.strip() for name, _ in pairs], [float(share) for _, share in pairs]
        else:
            shares = [float(share) for share in text.split("/")]
            names = list(named[len(shares)])
    except (ValueError, KeyError) as error:
        raise _not_a_split(text) from error
    unnamed = any(not name.replace("-", "").replace("_", "").isalnum() for name in names)
    if unnamed or len(set(names)) < max(len(names), 2) or names[0] != TRAIN or not all(share > 0 for share in shares):
        raise _not_a_split(text)
    return {name: share / sum(shares) for name, share in zip(names, shares, strict=True)}


def _not_a_split(text: str) -> SplitError:
    return SplitError(
        f"{text!r} is not a split. Examples: 75/25 (train, test), 70/20/10 (train, valid, test) and "
        "train=60,valid=20,test=20. The train part comes first, and every share is above zero."
    )


def rank(seed: int, purpose: str, photo_id: str) -> str:
    """The sort key that shuffles photos. It depends only on the seed, the purpose and the photo's id."""
    return hashlib.sha256(f"{seed}:{purpose}:{photo_id}".encode()).hexdigest()


def split_breed(photo_ids: list[str], fraction: float, seed: int, purpose: str) -> tuple[list[str], list[str]]:
    """Splits one breed's photos into (kept, taken out), with `fraction` taken out and at least one on each side.

    Args:
        photo_ids: unique ids in any order; a single photo is kept.
        fraction: in 0..1, exclusive.
        purpose: names the split; splits for different purposes are independent even with the same seed.
    """
    ordered = sorted(photo_ids, key=lambda photo_id: rank(seed, purpose, photo_id))
    taken = min(max(round(len(ordered) * fraction), 1), len(ordered) - 1)
    return sorted(ordered[taken:]), sorted(ordered[:taken])


def split_photos(photos: Sequence[tuple[str, str]], parts: Mapping[str, float], seed: int) -> list[str]:
    """A part for each (breed, id): the shares of `parts` within each breed, rounded to photos.

    Near-duplicates are not considered. If a breed has very few photos, the first part gets one before the others do.
    """
    positions: dict[str, list[int]] = {}
    for position, (breed, _) in enumerate(photos):
        positions.setdefault(breed, []).append(position)
    first, *others = parts
    assigned = [first] * len(photos)
    for members in positions.values():
        members.sort(key=lambda position: rank(seed, "test", photos[position][1]))
        start = 0
        for part in reversed(others):
            end = min(start + max(round(len(members) * parts[part]), 1), len(members) - 1)
            for position in members[start:end]:
                assigned[position] = part
            start = end
    return assigned


def keep_together(
    assigned: Sequence[str],
    breeds: Sequence[str],
    groups: Sequence[Sequence[int]],
    parts: Sequence[str],
    fill_up: bool = True,
) -> list[str]:
    """The same parts, but with each group in a single part: a divided group moves to the first of `parts`.

    The other parts only lose photos, so a model trained on the ungrouped split is still measured on photos that it has
    not seen. A part that would lose more than `TOLERATED_LOSS` of a breed is filled up with whole groups.

    Args:
        groups: positions of near-duplicates; a photo may be in no group.
        parts: names; the first one is trained on.
        fill_up: whether a part may gain photos; False for a split that was not made here.
    """
    first = parts[0]
    together = list(assigned)
    for group in groups:
        if len({assigned[position] for position in group}) > 1:
            for position in group:
                together[position] = first
    if fill_up:
        _fill_up(together, assigned, breeds, groups, parts)
    return together


def _fill_up(
    together: list[str],
    assigned: Sequence[str],
    breeds: Sequence[str],
    groups: Sequence[Sequence[int]],
    parts: Sequence[str],
) -> None:
    first, *others = parts
    in_group = {position for group in groups for position in group}
    singles = [[position] for position in range(len(assigned)) if position not in in_group]
    by_breed: dict[str, list[Sequence[int]]] = {}
    for unit in [*groups, *singles]:
        of = {breeds[position] for position in unit}
        if len(of) == 1:
            by_breed.setdefault(of.pop(), []).append(unit)
    wanted = Counter(zip(breeds, assigned, strict=True))
    have = Counter(zip(breeds, together, strict=True))
    for breed, units in by_breed.items():
        for part in others:
            if have[breed, part] < wanted[breed, part] * (1 - TOLERATED_LOSS):
                spare = [unit for unit in units if together[unit[0]] == first]
                for position in _to_fill_up(spare, wanted[breed, part], have[breed, part]):
                    together[position] = part


def _to_fill_up(spare: list[Sequence[int]], wanted: int, have: int) -> list[int]:
    """Positions of whole units that bring a part from `have` photos to `wanted`, the smallest units first."""
    chosen: list[int] = []
    for unit in sorted(spare, key=len)[:-1]:  # the first part keeps something to train on
        if have + len(chosen) + len(unit) <= max(wanted, 1) or not have + len(chosen):
            chosen += unit
    return chosen
