"""The photo coach: the one change that would help a photo whose answer is not certain.

Advice is given only where it was measured to help on photos with that fault: see `trainer.evaluation.coaching`. A photo
that is too dark or blurred is known by its pixels. Whether another frame would help is tried: the network looks at
windows of the photo.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from dogbreed.answers.explanation import Box
from dogbreed.answers.verdict import Verdict

AdviceCode = Literal["brighter", "steady", "closer", "one_dog"]
ADVICE_CODES: tuple[AdviceCode, ...] = get_args(AdviceCode)

DARK = 0.3  # brightness: 1 % of 250 good photos have less than 0.52, and 1 % of darkened ones more than 0.13
BLURRED = 0.65  # sharpness: 1 % of the good photos have less than 0.82, and 1 % of blurred ones more than 0.56
THIRD = 0.34
HALVES: list[Box] = [(0, 0, 0.5, 1), (0.5, 0, 1, 1), (0, 0, 1, 0.5), (0, 0.5, 1, 1)]
QUARTERS: list[Box] = [(x, y, x + 0.5, y + 0.5) for y in (0, 0.25, 0.5) for x in (0, 0.25, 0.5)]
NINTHS: list[Box] = [
    (x, y, x + THIRD, y + THIRD) for y in (0, 0.22, 0.44, 0.66) for x in (0, 0.22, 0.44, 0.66)
]  # that overlap


@dataclass(frozen=True)
class Advice:
    """`frame` is the part of the upright photo that would be better alone: left, top, right, bottom in 0..1."""

    code: AdviceCode
    frame: Box | None = None


@dataclass(frozen=True)
class _Window:
    box: Box
    verdict: Verdict


def is_certain(verdict: Verdict | None) -> bool:
    """Whether a verdict names one breed, or there is none to improve."""
    return verdict is None or verdict.kind in ("breed", "probably")


def advice_on(
    verdict: Verdict | None, brightness: float, sharpness: float, look: Callable[[Box], Verdict | None]
) -> Advice | None:
    """The advice for a photo; None if its answer is certain or nothing is known to help.

    Args:
        brightness, sharpness: see `dogbreed.photos.quality`.
        look: the verdict on a part of the photo. It is called up to 29 times.
    """
    if verdict is None or is_certain(verdict):
        return None
    if brightness < DARK:
        return Advice("brighter")
    if sharpness < BLURRED:
        return Advice("steady")
    named = _named(QUARTERS + HALVES, look)
    if _show_two_dogs(named):
        return Advice("one_dog", _best(named).box)
    if verdict.kind != "not_a_dog":
        return None  # the dog is large enough: closer photos of it were right for too few such photos
    named = named or _named(NINTHS, look)
    return Advice("closer", _best(named).box) if named else None


def _named(boxes: Sequence[Box], look: Callable[[Box], Verdict | None]) -> list[_Window]:
    """The windows in which one breed is named."""
    verdicts = [(box, look(box)) for box in boxes]
    return [_Window(box, verdict) for box, verdict in verdicts if verdict is not None and is_certain(verdict)]


def _show_two_dogs(windows: list[_Window]) -> bool:
    """Whether different breeds are named in windows that do not overlap, and one of them for certain."""
    return any(
        one.verdict.breeds[0] != other.verdict.breeds[0]
        and "breed" in (one.verdict.kind, other.verdict.kind)
        and not _overlap(one.box, other.box)
        for one, other in combinations(windows, 2)
    )


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _best(windows: list[_Window]) -> _Window:
    return max(windows, key=lambda window: (window.verdict.kind == "breed", window.verdict.probability or 0))
