"""One file: is it a photo, can it stay as it is, and what does it become if not?"""

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from dogbreed.photos.decoding import ORIENTATION, PhotoError, open_photo
from dogbreed.photos.formats import format_of
from trainer.photos.inspection import PhotoFacts, facts_of
from trainer.photos.reading import MAX_PIXELS, photo_bytes

JPEG_QUALITY = 95
JPEG_SUFFIXES = {".jpg", ".jpeg"}
LOST_SHARE = 0.1  # of the rows, below which one colour is taken for a picture's own
BLACK, WHITE = 5, 250  # borders of pure black or white are often a picture's own


@dataclass(frozen=True)
class Limits:
    """What a photo must have: so many pixels on the shorter side, at most so many times as many on the longer."""

    min_side: int = 64
    max_aspect: float = 4.0


@dataclass(frozen=True)
class Examined:
    """What is wrong with a file. `rejected` says why it is of no use; else `facts` are those of the photo that stays.

    `converted` says why a new JPEG is needed, which then lies at `jpeg`; `suffix` is what the name must end in.
    """

    path: Path
    rejected: str = ""
    converted: str = ""
    jpeg: Path | None = None
    suffix: str = ""
    facts: PhotoFacts | None = None


def examine(path: Path, limits: Limits, unfinished: Path | None) -> Examined:
    """Decodes a file whole and says what should become of it.

    Args:
        unfinished: the folder for new JPEGs; None where nothing is to be written.
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
    # Measured as it is stored, so that cleaning once more measures the same.
    stored = open_photo(jpeg, MAX_PIXELS).image
    facts = facts_of(hashlib.sha256(jpeg).hexdigest(), stored, stored.width, stored.height)
    place = unfinished / f"{hashlib.sha256(str(path).encode()).hexdigest()}.jpg" if unfinished else None
    if place:
        place.write_bytes(jpeg)
    return Examined(path, converted=why, jpeg=place, suffix=".jpg", facts=facts)


def _fault(image: Image.Image, data: bytes, limits: Limits) -> str:
    width, height = image.size
    if min(width, height) < limits.min_side:
        return f"too small: {width} x {height} pixels, expected at least {limits.min_side} on the shorter side"
    if max(width, height) > limits.max_aspect * min(width, height):
        return f"extreme shape: {width} x {height} pixels, expected at most {limits.max_aspect:g} times as long as wide"
    lost = _lost_rows(image) if data.startswith(b"\xff\xd8") else 0
    if lost > LOST_SHARE * height:
        return (
            f"partly lost: the lowest {lost / height:.0%} are one colour, as a decoder leaves what it has no data for"
        )
    return ""


def _lost_rows(image: Image.Image) -> int:
    """How many of the lowest rows are exactly one colour that is neither black nor white."""
    pixels = np.asarray(image)
    last = pixels[-1, -1]
    if (last <= BLACK).all() or (last >= WHITE).all():
        return 0
    differs = (pixels != last).any(axis=(1, 2))
    return len(differs) if not differs.any() else int(differs[::-1].argmax())


def _why_convert(data: bytes) -> str:
    """What makes a readable photo differ from an upright RGB JPEG; nothing where it is one."""
    known = format_of(data)
    if known is None or known.name != "JPEG":
        return f"from {known.name if known else 'another format'}"
    header = known.open(BytesIO(data))
    if header.mode != "RGB":
        return {"L": "from grey", "CMYK": "from CMYK"}.get(header.mode, f"from {header.mode}")
    try:
        return "turned upright" if header.getexif().get(ORIENTATION, 1) in range(2, 9) else ""
    except Exception:  # broken metadata turns no photo
        return ""


def _as_jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def clean_name(name: str) -> str:
    """A name without white space: every run of it is one underscore."""
    return re.sub(r"\s+", "_", name.strip())
