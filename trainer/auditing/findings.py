"""The findings of an audit, each with a suggestion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.auditing.labels import LabelErrors
from trainer.photos.inspection import PhotoFacts
from trainer.photos.layouts import SourcePhoto
from trainer.photos.near_duplicates import SAME_PHOTO, SAME_SCENE, near_pairs
from trainer.photos.splits import TRAIN

LOOK, DROP, RELABEL = "look", "drop", "relabel:"
# Measured with ImageNet features on 10,222 photos of dogs with 5 % wrong labels. 94 % of the labels with a probability
# below IMPLAUSIBLE were wrong. If another breed had at least SURE, it was the right one in 88 % of cases. Most labels
# above IMPLAUSIBLE were look-alike breeds.
IMPLAUSIBLE = 0.01
SURE = 0.5
UNUSUAL = (
    5.0  # robust standard deviations from the median; about 20 of 10,222 photos of dogs are as dark, bright or blurred
)
MAD_TO_SIGMA = 1.4826  # ratio of standard deviation to median absolute deviation of a normal distribution

KINDS = {
    "unreadable": "Unreadable files",
    "label": "Probably another breed",
    "same photo, other breed": "The same photo under two breeds",
    "same scene, other part": "Near-duplicates across the split",
    "same photo": "Near-duplicates",
    "dark": "Very dark",
    "bright": "Very bright",
    "blurred": "Very blurred",
    "small": "Very small",
}


@dataclass(frozen=True)
class Finding:
    """One problem of one photo; `beside` is the other photo of a pair."""

    kind: str
    photo: SourcePhoto
    detail: str
    suggestion: str
    beside: SourcePhoto | None = None


@dataclass(frozen=True)
class Audited:
    """Readable photos in order with their measurements, and unreadable files with the reason."""

    photos: list[SourcePhoto]
    facts: list[PhotoFacts]
    unreadable: list[tuple[SourcePhoto, str]]
    errors: LabelErrors | None


def find_all(audited: Audited) -> list[Finding]:
    """All findings, grouped by kind, the most certain first."""
    return [
        *(Finding("unreadable", photo, reason, DROP) for photo, reason in audited.unreadable),
        *_label_errors(audited),
        *_pairs(audited),
        *_outliers(audited),
    ]


def _label_errors(audited: Audited) -> Iterator[Finding]:
    errors = audited.errors
    for position in errors.suspects if errors else ():
        photo = audited.photos[position]
        breed, probability = errors.first_choice(position) if errors else ("", 0.0)
        if errors is None or breed == photo.breed:
            continue
        own = errors.probability_of(position, photo.breed)
        detail = f"{breed} {probability:.1%}, {photo.breed} {own:.1%}"
        instead = f"{RELABEL}{breed}" if probability >= SURE else DROP
        yield Finding("label", photo, detail, instead if own < IMPLAUSIBLE else LOOK)


def _pairs(audited: Audited) -> Iterator[Finding]:
    """Pairs of near-duplicates: under two breeds, in two parts, or in one folder. The one to drop comes first."""
    found: list[tuple[int, int, Finding]] = []
    for first, second, distance in _near(audited.facts):
        one, other = _which_goes(audited, first, second)
        photo, beside = audited.photos[one], audited.photos[other]
        detail = f"{distance} of 256 bits differ" if distance else "identical pictures"
        if photo.breed != beside.breed and distance <= SAME_PHOTO:
            kind, suggestion = "same photo, other breed", _by_probability(audited, one)
        elif photo.part != beside.part:
            kind, suggestion = "same scene, other part", DROP
        elif distance <= SAME_PHOTO:
            kind, suggestion = "same photo", DROP
        else:
            continue
        found.append((list(KINDS).index(kind), distance, Finding(kind, photo, detail, suggestion, beside)))
    yield from (finding for _, _, finding in sorted(found, key=lambda entry: entry[:2]))


def _near(facts: Sequence[PhotoFacts]) -> Iterator[tuple[int, int, int]]:
    paired = set()
    for pair in near_pairs([f.fingerprint for f in facts], SAME_SCENE):
        paired.add((pair.first, pair.second))
        yield pair.first, pair.second, pair.distance
    seen: dict[str, int] = {}
    for position, f in enumerate(facts):  # flat photos have no fingerprint, but may be identical files
        first = seen.setdefault(f.sha256, position)
        if first != position and (first, position) not in paired:
            yield first, position, 0


def _which_goes(audited: Audited, first: int, second: int) -> tuple[int, int]:
    """The one to drop, then the other: less probable label, else not in the train part, else fewer pixels."""

    def worth(position: int) -> tuple[float, bool, int]:
        photo, facts = audited.photos[position], audited.facts[position]
        two_breeds = audited.photos[first].breed != audited.photos[second].breed
        probability = audited.errors.probability_of(position, photo.breed) if audited.errors and two_breeds else 0.0
        return probability, photo.part in (None, TRAIN), facts.width * facts.height

    return (first, second) if worth(first) < worth(second) else (second, first)


def _by_probability(audited: Audited, position: int) -> str:
    """Drop an implausible label; if both labels are plausible, a person has to look."""
    if audited.errors is None:
        return LOOK
    own = audited.errors.probability_of(position, audited.photos[position].breed)
    return DROP if own < IMPLAUSIBLE else LOOK


def _outliers(audited: Audited) -> Iterator[Finding]:
    facts = audited.facts
    if not facts:
        return
    brightness = np.array([f.brightness for f in facts])
    # Logarithms: sharpness and size are ratios.
    sharpness = np.log([max(f.sharpness, 1e-3) for f in facts])
    side = np.log([min(f.width, f.height) for f in facts])
    light = [f"mean brightness {f.brightness:.0f} of 255" for f in facts]
    blur = [f"sharpness {f.sharpness:.1f}" for f in facts]
    size = [f"{f.width} x {f.height} pixels" for f in facts]
    for kind, deviations, details in (
        ("dark", -_deviations(brightness), light),
        ("bright", _deviations(brightness), light),
        ("blurred", -_deviations(sharpness), blur),
        ("small", -_deviations(side), size),
    ):
        order = np.argsort(-deviations)
        for position in order[deviations[order] > UNUSUAL]:
            yield Finding(kind, audited.photos[position], details[position], LOOK)


def _deviations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Robust standard deviations of each value from the median; all 0 if most values are equal."""
    distances = values - np.median(values)
    spread = MAD_TO_SIGMA * float(np.median(np.abs(distances)))
    deviations: NDArray[np.float64] = distances / spread if spread > 0 else np.zeros_like(distances)
    return deviations


def relative(photo: SourcePhoto, data: Path) -> str:
    return str(photo.path.relative_to(data))
