"""Examines one file: whether it is a photo, whether it can stay unchanged, and what it becomes otherwise."""

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.exif import UPRIGHT, orientation_of
from dogbreed.photos.formats import format_of
from trainer.photos.inspection import PhotoFacts, facts_of
from trainer.photos.reading import MAX_PIXELS, photo_bytes

JPEG_QUALITY = 95
JPEG_SUFFIXES = {".jpg", ".jpeg"}
LOST_SHARE = 0.1  # of the rows; fewer rows of a single colour may belong to the picture
BLACK, WHITE = 5, 250  # borders of pure black or white often belong to the picture


@dataclass(frozen=True)
class Limits:
    """The minimum of the shorter side in pixels, and the maximum ratio of the longer to the shorter side."""

    min_side: int = 64
    max_aspect: float = 4.0


@dataclass(frozen=True)
class Examined:
    """The result for one file. `rejected` says why it cannot be used; otherwise `facts` describe the final photo.

    `converted` says why it is converted to a new JPEG, which is then at `jpeg`. `suffix` is the right extension.
    """

    path: Path
    rejected: str = ""
    converted: str = ""
    jpeg: Path | None = None
    suffix: str = ""
    facts: PhotoFacts | None = None


def examine(path: Path, limits: Limits, unfinished: Path | None) -> Examined:
    """Decodes a whole file and decides what to do with it.

    Args:
        unfinished: the folder for new JPEGs; None to write nothing.
    """
    try:
        data = photo_bytes(path)
        photo = open_photo(data, MAX_PIXELS)
    except PhotoError as error:
        return Examined(path, rejected=f"{error.code.replace('_', ' ')}: {error.problem}")
    if fault := _fault(photo.image, data, limits):
        return Examined(path, rejected=fault)
    why = _why_convert(data)
    if not why:
        suffix = path.suffix if path.suffix.lower() in JPEG_SUFFIXES else ".jpg"
        digest = hashlib.sha256(data).hexdigest()
        return Examined(path, suffix=suffix, facts=facts_of(digest, photo.image, photo.width, photo.height))
    jpeg = _as_jpeg(photo.image)
    # Measured after encoding, so that cleaning again measures the same.
    stored = open_photo(jpeg, MAX_PIXELS).image
    facts = facts_of(hashlib.sha256(jpeg).hexdigest(), stored, stored.width, stored.height)
    place = unfinished / f"{hashlib.sha256(str(path).encode()).hexdigest()}.jpg" if unfinished else None
    if place:
        place.write_bytes(jpeg)
    return Examined(path, converted=why, jpeg=place, suffix=".jpg", facts=facts)


def _fault(image: Image.Image, data: bytes, limits: Limits) -> str:
    width, height = image.size
    if min(width, height) < limits.min_side:
        return f"too small: {width} x {height} pixels, the shorter side must have at least {limits.min_side}"
    if max(width, height) > limits.max_aspect * min(width, height):
        return (
            f"extreme shape: {width} x {height} pixels, at most {limits.max_aspect:g} times as long as wide is accepted"
        )
    lost = _lost_rows(image) if data.startswith(b"\xff\xd8") else 0
    if lost > LOST_SHARE * height:
        return f"partly lost: the lowest {lost / height:.0%} are one colour, which is how decoders fill missing data"
    return ""


def _lost_rows(image: Image.Image) -> int:
    """The number of rows at the bottom that have exactly one colour, unless that is black or white."""
    pixels = np.asarray(image)
    last = pixels[-1, -1]
    if (last <= BLACK).all() or (last >= WHITE).all():
        return 0
    differs = (pixels != last).any(axis=(1, 2))
    return len(differs) if not differs.any() else int(differs[::-1].argmax())


def _why_convert(data: bytes) -> str:
    """Why a readable photo is not an upright RGB JPEG; empty if it is one."""
    known = format_of(data)
    if known is None or known.name != "JPEG":
        return f"from {known.name if known else 'another format'}"
    header = known.open(BytesIO(data))
    if header.mode != "RGB":
        return {"L": "from grey", "CMYK": "from CMYK"}.get(header.mode, f"from {header.mode}")
    return "turned upright" if UPRIGHT < orientation_of(header.info) <= 8 else ""


def _as_jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def clean_name(name: str) -> str:
    """A name in which every run of white space is one underscore."""
    return re.sub(r"\s+", "_", name.strip())
