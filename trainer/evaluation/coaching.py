"""How often the photo coach's advice is right, and how often it helps.

Photos whose answer names the right breed are made worse in one way each. A copy whose answer is no longer certain has
lost its verdict. The right advice names the fault. Following it means the photo as it was (more light, holding still),
or the part of the copy that the coach frames.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from dogbreed.answers.coach import AdviceCode, is_certain
from dogbreed.model.answer import Prediction
from dogbreed.model.classifier import Classifier
from dogbreed.photos.preprocessing import part_of
from trainer.evaluation.measures import measured_share
from trainer.machine import worker_count
from trainer.photos.folders import LabelledPhoto
from trainer.progress import ProgressBar, silent

Fault = Callable[["_Photo", np.random.Generator], Image.Image]

DARKENED, NOISE = 0.12, 0.02  # the share of light that is left after a gamma of 2, and the noise of a dark photo
BLUR, MOTION = 0.02, 0.07  # of the shorter side: the blur's standard deviation, and how far the camera moved
SMALL = (0.25, 0.45)  # the width and height of the dog's photo in a larger one


class _Photo:
    """A photo with others: one without a dog, and one of a dog of another breed."""

    def __init__(self, image: Image.Image, scenery: Image.Image | None, other: Image.Image) -> None:
        self.image, self.scenery, self.other = image, scenery, other


def coach_measures(
    classifier: Classifier,
    photos: Sequence[LabelledPhoto],
    scenery: Sequence[LabelledPhoto],
    number: int,
    progress: ProgressBar = silent,
) -> dict[str, Any]:
    """Measures the coach on `number` labelled photos.

    Args:
        scenery: photos without dogs, in which a dog is small. Without them that fault is not measured.

    Returns:
        `photos`; `advised`: the share of photos as they are that get any advice; `faults`: by name the photos whose
        verdict was `lost`, the share with the `right_advice`, and the share whose verdict it `recovered`.
    """
    random = np.random.default_rng(0)
    chosen = [photos[int(row)] for row in random.permutation(len(photos))[:number]]
    faults = {name: fault for name, fault in FAULTS.items() if scenery or name != "small in the photo"}

    def measured(row: int) -> dict[str, Any]:
        return _measured(classifier, chosen, scenery, row, faults)

    rows: list[dict[str, Any]] = []
    with ThreadPoolExecutor(worker_count()) as pool, progress("Asking the coach") as report:
        for row in pool.map(measured, range(len(chosen))):
            rows.append(row)
            report(len(rows), len(chosen))
    return {
        "photos": len(rows),
        "advised": asdict(measured_share(np.array([row["advised"] for row in rows]))),
        "faults": {name: _summary([row[name] for row in rows if row.get(name)]) for name in faults},
    }


def _measured(
    classifier: Classifier,
    photos: Sequence[LabelledPhoto],
    scenery: Sequence[LabelledPhoto],
    row: int,
    faults: dict[str, tuple[Fault, AdviceCode]],
) -> dict[str, Any]:
    """Whether a photo gets advice as it is, and for each fault that costs it its verdict what became of it."""
    labelled, random = photos[row], np.random.default_rng(row)
    image = _open(classifier, labelled)
    answer = classifier.classify(image, advise=True)
    found: dict[str, Any] = {"advised": answer.advice is not None}
    if not _names(answer, {labelled.breed}):
        return found
    others = [photo for photo in photos if photo.breed != labelled.breed]
    other = others[int(random.integers(len(others)))]
    behind = scenery[int(random.integers(len(scenery)))] if scenery else None
    photo = _Photo(image, _open(classifier, behind) if behind else None, _open(classifier, other))
    for name, (fault, right) in faults.items():
        worse = fault(photo, random)
        advised = classifier.classify(worse, advise=True)
        if is_certain(advised.verdict):
            continue
        breeds = {labelled.breed, other.breed} if right == "one_dog" else {labelled.breed}
        found[name] = _outcome(classifier, worse, advised, right, breeds)
    return found


def _outcome(
    classifier: Classifier, worse: Image.Image, advised: Prediction, right: AdviceCode, breeds: set[str]
) -> dict[str, bool]:
    advice = advised.advice
    is_right = advice is not None and advice.code == right
    if advice is None or advice.frame is None:
        return {"right": is_right, "recovered": is_right}  # the photo as it was is what following it gives
    return {"right": is_right, "recovered": _names(classifier.classify(part_of(worse, advice.frame)), breeds)}


def _summary(outcomes: list[dict[str, bool]]) -> dict[str, Any]:
    return {
        "lost": len(outcomes),
        **{
            name: asdict(measured_share(np.array([outcome[key] for outcome in outcomes]))) if outcomes else None
            for name, key in (("right_advice", "right"), ("recovered", "recovered"))
        },
    }


def _names(answer: Prediction, breeds: set[str]) -> bool:
    return answer.verdict is not None and is_certain(answer.verdict) and answer.breed in breeds


def _open(classifier: Classifier, labelled: LabelledPhoto) -> Image.Image:
    return classifier.open(labelled.path.read_bytes(), max_pixels=100_000_000).image


def _dark(photo: _Photo, random: np.random.Generator) -> Image.Image:
    pixels = (np.asarray(photo.image, np.float32) / 255) ** 2 * DARKENED
    pixels = pixels + random.normal(0, NOISE, pixels.shape).astype(np.float32)
    return Image.fromarray((pixels.clip(0, 1) * 255).astype(np.uint8))


def _blurred(photo: _Photo, random: np.random.Generator) -> Image.Image:
    return photo.image.filter(ImageFilter.GaussianBlur(min(photo.image.size) * BLUR))


def _moved(photo: _Photo, random: np.random.Generator) -> Image.Image:
    """As if the camera had moved sideways."""
    far = max(3, int(min(photo.image.size) * MOTION))
    pixels = np.asarray(photo.image, np.float32)
    moved = np.mean([np.roll(pixels, step - far // 2, axis=1) for step in range(far)], axis=0)
    return Image.fromarray(moved.astype(np.uint8))


def _small(photo: _Photo, random: np.random.Generator) -> Image.Image:
    """The photo as a part of one without a dog."""
    if photo.scenery is None:
        raise ValueError("A small dog needs scenery around it.")
    share, (width, height) = random.uniform(*SMALL), photo.image.size
    large = photo.scenery.resize((int(width / share), int(height / share)), Image.Resampling.BICUBIC)
    left, top = (int(random.uniform(0, whole - part)) for whole, part in zip(large.size, photo.image.size, strict=True))
    large.paste(photo.image, (left, top))
    return large


def _two_dogs(photo: _Photo, random: np.random.Generator) -> Image.Image:
    """The photo beside one of a dog of another breed."""
    side = min(photo.image.size)
    both = Image.new("RGB", (2 * side, side))
    for left, image in ((0, photo.image), (side, photo.other)):
        both.paste(image.resize((side, side), Image.Resampling.BICUBIC), (left, 0))
    return both


FAULTS: dict[str, tuple[Fault, AdviceCode]] = {
    "dark": (_dark, "brighter"),
    "blurred": (_blurred, "steady"),
    "moved": (_moved, "steady"),
    "small in the photo": (_small, "closer"),
    "two dogs": (_two_dogs, "one_dog"),
}
