"""Photo bytes -> an upright sRGB image, in the same way for training, evaluation, the command line and the API."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from dogbreed.errors import DogbreedError
from dogbreed.photos.budget import LONGEST_SIDE, excess_of
from dogbreed.photos.colour import to_srgb
from dogbreed.photos.conversion import to_rgb
from dogbreed.photos.exif import orientation_of
from dogbreed.photos.formats import FORMAT_NAMES, format_of, name_of_other
from dogbreed.photos.pixel_gate import PixelGate

# Pillow warns about broken metadata, which does not affect the pixels. A filter for a single call would not be
# thread-safe.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# Pillow's limit is global to the process and lower than ours, which is checked first.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# How to turn a stored image of each orientation upright (Exif 3.0, 4.6.5.1.6).
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pixels. A phone's JPEG is decoded at a reduced size, and is small then. Most phones take 12 million.
SMALL, LARGE = 2_000_000, 16_000_000
JPEG_STEPS = (8, 4, 2)  # by which JPEG's decoder makes a photo smaller
SIDEWAYS = {TURNS[orientation] for orientation in (5, 6, 7, 8)}


class PhotoError(DogbreedError):
    """A file is not a photo that can be read.

    `code` is one of `empty_file`, `unsupported_image`, `broken_image`, `too_many_pixels` and `too_complex`, or
    `unreadable_file` where a file on disk cannot even be opened. `problem` begins with "this" and can follow the file's
    name; `advice` is a sentence that says what to do; `path` is known of files on disk.
    """

    def __init__(self, code: str, problem: str, advice: str, path: Path | None = None) -> None:
        super().__init__(code, problem, advice, path)  # all of them: other processes rebuild the error from its `args`
        self.code = code
        self.problem = problem
        self.advice = advice
        self.path = path

    @property
    def detail(self) -> str:
        """All of it in sentences."""
        if self.path:
            return f"{self.path}: {self.problem} {self.advice}"
        return f"{self.problem[0].upper()}{self.problem[1:]} {self.advice}"

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo. `image` is sRGB, 8 bits a channel, upright, without metadata; `width` and `height` are the
    upright photo's own pixels, of which `image` may have fewer."""

    image: Image.Image
    width: int
    height: int


def open_photo(
    data: bytes, max_pixels: int, sufficient_side: int | None = None, gate: PixelGate | None = None
) -> Photo:
    """Decodes a photo in any of the `FORMATS`.

    Args:
        data: the file's bytes.
        max_pixels: a photo with more pixels (width times height) is refused after reading its header, before decoding.
        sufficient_side: a JPEG whose shorter side is at least twice as long may be decoded at a half, a quarter or an
            eighth of its size, as long as the shorter side keeps this many pixels. That skips most of the work. A photo
            of another format is made smaller in the same way if it has more than `LARGE` pixels, to save memory.
        gate: waits here until there is room for the photo's pixels, unless they are at most `SMALL`.

    Returns:
        The photo, upright according to its EXIF, with transparent parts white and its colours as sRGB; the first frame
        of an animation.

    Raises:
        PhotoError: the file is empty, of another format, damaged or cut off, has too many pixels, or takes far more
            work than its pixels explain.
    """
    if not data:
        raise PhotoError("empty_file", "this file is empty.", "Choose another file.")
    photo = _read_header(data, max_pixels)
    width, height = photo.size
    if width * height > max_pixels:
        raise _too_many_pixels(f"{width} x {height} pixels", max_pixels)
    if max(width, height) > LONGEST_SIDE:
        raise _too_complex(f"this photo has {width} x {height} pixels; a side has at most {LONGEST_SIDE:,}.")
    with _refusing_broken(photo):
        if sufficient_side is not None and min(width, height) >= 2 * sufficient_side:
            photo.draft(None, (sufficient_side, sufficient_side))
    with gate.admitted(_pixels_held(photo, width * height)) if gate else nullcontext():
        with _refusing_broken(photo):
            photo.load()
        image = _as_srgb(photo, sufficient_side)
    turn = TURNS.get(orientation_of(photo.info))
    upright = image.transpose(turn) if turn is not None else image
    upright.info = {}  # Pillow writes a comment in it into the next file
    return Photo(upright, *((height, width) if turn in SIDEWAYS else (width, height)))


@contextmanager
def _refusing_broken(photo: Image.Image) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Pillow's decoders raise exceptions of many kinds
        raise _broken(photo.format, error) from error


def _pixels_held(photo: Image.Image, whole: int) -> int:
    """How many pixels the decoder holds: of a progressive JPEG all, even where the result is smaller. `SMALL` and fewer
    count as none."""
    pixels = whole if "progressive" in photo.info else photo.width * photo.height
    return pixels if pixels > SMALL else 0


def _as_srgb(photo: Image.Image, sufficient_side: int | None) -> Image.Image:
    # A profile next to CMYK is for inks: Pillow's own conversion stays.
    profile = None if photo.mode == "CMYK" else photo.info.get("icc_profile")
    factor = 1
    if sufficient_side is not None and photo.width * photo.height > LARGE:
        scale = min(photo.size) // sufficient_side
        factor = next((step for step in JPEG_STEPS if scale >= step), 1)
    return to_srgb(to_rgb(photo, factor), profile)


def _read_header(data: bytes, max_pixels: int) -> Image.Image:
    known = format_of(data)
    if known is None:
        raise PhotoError(
            "unsupported_image",
            f"this file is {name_of_other(data)}, not a {FORMAT_NAMES} photo.",
            "Save it as JPEG and try again.",
        )
    if excess := excess_of(known.name, data, max_pixels):
        raise _too_complex(f"this {known.name} file has {excess}.")
    try:
        return known.open(BytesIO(data))
    except Image.DecompressionBombError as error:
        # Pillow's own limit, which some formats check even here.
        limit = min(max_pixels, 2 * (Image.MAX_IMAGE_PIXELS or max_pixels))
        raise _too_many_pixels("far too many pixels", limit) from error
    except Exception as error:  # Pillow's parsers raise exceptions of many kinds
        raise _broken(known.name, error) from error


def _too_many_pixels(size: str, limit: int) -> PhotoError:
    return PhotoError(
        "too_many_pixels",
        f"this photo has {size}; at most {limit / 1e6:g} megapixels are accepted.",
        "Make it smaller and try again.",
    )


def _too_complex(problem: str) -> PhotoError:
    return PhotoError(
        "too_complex", problem, "No camera writes such files. Save the photo again as JPEG and try again."
    )


def _broken(kind: str | None, error: Exception) -> PhotoError:
    return PhotoError(
        "broken_image",
        f"this {kind} file is damaged or cut off ({error}).",
        "Send the original file again.",
    )
