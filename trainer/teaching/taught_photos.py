"""The photos that a breed is taught from: read, looked at, and checked."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from dogbreed.answers.scores import SCORES, can_compute
from dogbreed.answers.taught import FEWEST_PHOTOS
from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import Bundle
from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.preprocessing import sufficient_side
from trainer.photos.folders import PHOTO_SUFFIXES
from trainer.photos.inspection import fingerprint
from trainer.photos.near_duplicates import SAME_PHOTO, duplicate_groups
from trainer.photos.reading import MAX_PIXELS, photo_bytes
from trainer.progress import ProgressBar
from trainer.teaching.feature_reader import FeatureReader, Looked

SHOWN = 3


class TeachingError(DogbreedError):
    """A breed cannot be taught from these photos. The message says why and what to do."""


@dataclass(frozen=True)
class Lesson:
    """A breed to teach, and the folder with its photos; what the catalogue is to say of it."""

    label: str
    folder: Path
    name: str | None = None
    group: str = ""
    aliases: tuple[str, ...] = ()


@dataclass
class OwnPhotos:
    """A breed's photos that count. `notes` are sentences on those that do not."""

    lesson: Lesson
    looked: Looked
    digests: list[str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Photo:
    lesson: Lesson
    path: Path
    digest: str
    image: Image.Image
    fingerprint: bytes


def read_lessons(
    lessons: Sequence[Lesson], bundle: Bundle, reader: FeatureReader, progress: ProgressBar
) -> list[OwnPhotos]:
    """Reads the photos of all breeds, leaves out those that cannot be used, and looks at the others.

    Raises:
        TeachingError: a folder is missing, a breed has fewer than three usable photos, or two breeds share a photo.
    """
    notes: dict[str, list[str]] = {lesson.label: [] for lesson in lessons}
    photos = [photo for lesson in lessons for photo in _read(lesson, bundle, notes[lesson.label])]
    photos = _each_once(photos, notes)
    _check_numbers(lessons, photos, notes)
    with progress("Looking at the photos") as looking:
        looked = reader.look(photos, lambda photo: photo.image, looking)
    shows_dog = _shows_dog(looked, bundle)
    for photo, is_dog in zip(photos, shows_dog, strict=True):
        if not is_dog:
            notes[photo.lesson.label].append(f"{photo.path.name}: no dog was recognised in it.")
    kept = [photo for photo, is_dog in zip(photos, shows_dog, strict=True) if is_dog]
    _check_numbers(lessons, kept, notes)
    return [_of(lesson, photos, looked, shows_dog, notes[lesson.label]) for lesson in lessons]


def _read(lesson: Lesson, bundle: Bundle, notes: list[str]) -> list[_Photo]:
    if not lesson.folder.is_dir():
        raise TeachingError(f"There is no folder {lesson.folder}. Name the folder with the photos of {lesson.label}.")
    photos = []
    for path in sorted(lesson.folder.iterdir()):
        if path.suffix.lower() not in PHOTO_SUFFIXES or path.name.startswith("."):
            continue
        try:
            data = photo_bytes(path)
            image = open_photo(data, MAX_PIXELS, sufficient_side(bundle.config)).image
        except PhotoError as error:
            notes.append(f"{path.name}: {error.problem}")
            continue
        photos.append(_Photo(lesson, path, hashlib.sha256(data).hexdigest(), image, fingerprint(image)))
    return photos


def _each_once(photos: list[_Photo], notes: dict[str, list[str]]) -> list[_Photo]:
    """Without near-duplicates, which say the same twice."""
    groups = duplicate_groups([p.digest for p in photos], [p.fingerprint for p in photos], SAME_PHOTO)
    left_out: set[int] = set()
    for first, *others in groups:
        kept = photos[first]
        for position in others:
            photo = photos[position]
            if photo.lesson.label != kept.lesson.label:
                raise TeachingError(
                    f"{kept.path} and {photo.path} are the same photo, and it cannot show both breeds. Remove one."
                )
            notes[photo.lesson.label].append(f"{photo.path.name}: nearly the same photo as {kept.path.name}.")
            left_out.add(position)
    return [photo for position, photo in enumerate(photos) if position not in left_out]


def _check_numbers(lessons: Sequence[Lesson], photos: list[_Photo], notes: dict[str, list[str]]) -> None:
    counts = Counter(photo.lesson.label for photo in photos)
    for lesson in lessons:
        if counts[lesson.label] >= FEWEST_PHOTOS:
            continue
        left = notes[lesson.label]
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        why = f" Left out: {' '.join(left[:SHOWN])}{more}" if left else ""
        raise TeachingError(
            f"{lesson.folder} has {counts[lesson.label]} usable photos of {lesson.label}. At least {FEWEST_PHOTOS} are "
            f"needed, and ten are better: different photos, each with one dog of the breed.{why}"
        )


def _shows_dog(looked: Looked, bundle: Bundle) -> list[bool]:
    gate = bundle.config.calibration.dog
    if gate is None or not can_compute(gate.score, looked.outputs):
        return [True] * len(looked.features)
    return cast(list[bool], (SCORES[gate.score](looked.outputs) >= gate.threshold).tolist())


def _of(lesson: Lesson, photos: list[_Photo], looked: Looked, shows_dog: list[bool], notes: list[str]) -> OwnPhotos:
    places = [
        place
        for place, (photo, is_dog) in enumerate(zip(photos, shows_dog, strict=True))
        if photo.lesson is lesson and is_dog
    ]
    rows = np.array(places)
    outputs = {name: values[rows] for name, values in looked.outputs.items()}
    return OwnPhotos(lesson, Looked(looked.features[rows], outputs), [photos[place].digest for place in places], notes)
