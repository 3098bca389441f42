"""Photo bytes -> RGB -> float32 array: the one path for evaluation, the command line and the API."""

import warnings
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from dogbreed.bundle import BundleConfig

# Pillow warns of broken metadata, which says nothing about the pixels. A filter for a single call would not be safe
# beside other threads.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}

# EXIF tag 0x0112 (Exif 3.0, 4.6.5.1.6): how the stored rows and columns must be turned to be seen upright.
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Formats that people do send and that are not read, to name them in the answer: (offset, first bytes, name).
OTHER_FORMATS = [
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"%PDF", "a PDF"),
    (4, b"ftyphei", "a HEIC photo"),
    (4, b"ftypmif1", "a HEIC photo"),
    (4, b"ftypavif", "an AVIF photo"),
]


class PhotoError(Exception):
    """The bytes are not a photo that can be read.

    `code` is one of `empty_file`, `unsupported_image`, `broken_image` and `too_many_pixels`; `detail` is a sentence
    that says what was expected, what came and what to do.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def open_photo(data: bytes, max_pixels: int) -> Image.Image:
    """Decodes a JPEG, PNG or WebP photo.

    Args:
        data: the file's bytes.
        max_pixels: more pixels (width times height) are refused, from the header and before anything is decoded.

    Returns:
        An RGB image, 8 bits a channel, upright as its EXIF says, transparent parts on white; of an animation the first
        frame.

    Raises:
        PhotoError: the file is empty, no such image, broken or cut off, or has too many pixels.
    """
    if not data:
        raise PhotoError("empty_file", "Expected a photo, but the file is empty. Choose another file.")
    photo = _read_header(data, max_pixels)
    pixels = photo.width * photo.height
    if pixels > max_pixels:
        raise _too_many_pixels(f"{photo.width} x {photo.height} pixels", max_pixels)
    try:
        photo.load()
    except Exception as error:  # Pillow's decoders raise whatever they stumble over
        raise _broken(photo.format, error) from error
    return _turned_upright(_to_rgb(photo), photo)


def _read_header(data: bytes, max_pixels: int) -> Image.Image:
    # These classes are what Image.open() ends in. It would read formats that are not wanted here, and its own check of
    # the size warns at a limit that is global to the process.
    file = BytesIO(data)
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return JpegImagePlugin.JpegImageFile(file)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return PngImagePlugin.PngImageFile(file)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return WebPImagePlugin.WebPImageFile(file)
    except Image.DecompressionBombError as error:
        # Pillow's own limit, of which WebP alone takes notice here.
        limit = min(max_pixels, 2 * (Image.MAX_IMAGE_PIXELS or max_pixels))
        raise _too_many_pixels("far more", limit) from error
    except Exception as error:  # Pillow's parsers raise whatever they stumble over
        raise _broken({b"\xff": "JPEG", b"\x89": "PNG"}.get(data[:1], "WebP"), error) from error
    came = next((name for at, start, name in OTHER_FORMATS if data.startswith(start, at)), "something else")
    raise PhotoError(
        "unsupported_image",
        f"Expected a JPEG, PNG or WebP photo, but this file is {came}. Save it as JPEG and try again.",
    )


def _too_many_pixels(came: str, limit: int) -> PhotoError:
    return PhotoError(
        "too_many_pixels",
        f"Expected a photo of at most {limit / 1e6:g} megapixels, but this one has {came}. "
        "Make it smaller and try again.",
    )


def _broken(kind: str | None, error: Exception) -> PhotoError:
    return PhotoError(
        "broken_image",
        f"Expected a whole {kind} photo, but this file is damaged or cut off ({error}). Send the original file again.",
    )


def _turned_upright(rgb: Image.Image, photo: Image.Image) -> Image.Image:
    try:
        turn = UPRIGHT.get(photo.getexif().get(ORIENTATION, 1))
    except Exception:  # a photo whose metadata is broken is still a photo
        turn = None
    return rgb if turn is None else rgb.transpose(turn)


def _to_rgb(photo: Image.Image) -> Image.Image:
    if photo.mode == "I;16":
        return _from_16_bits(photo)
    if not photo.has_transparency_data:
        # CMYK: Pillow has already turned the inverted inks that Adobe writes into JPEG the right way round.
        return photo.convert("RGB")
    layered = photo.convert("RGBA")
    rgb = Image.new("RGB", photo.size, "white")
    rgb.paste(layered, mask=layered)
    return rgb


def _from_16_bits(photo: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 instead of scaling, which turns the photo white.
    grey = np.asarray(photo).astype(np.uint32)
    transparent = photo.info.get("transparency")
    if isinstance(transparent, int):
        grey[grey == transparent] = 65535
    grey += 128
    grey //= 257
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


def to_input(photo: Image.Image, config: BundleConfig) -> NDArray[np.float32]:
    """Frames, scales and normalizes an RGB photo as the network was trained to see it.

    Returns:
        float32 `[3, h, w]`, contiguous: (pixel / 255 - mean) / std.
    """
    pixels = frame(photo, config).astype(np.float32)
    mean = np.asarray(config.mean, np.float32)[:, None, None]
    std = np.asarray(config.std, np.float32)[:, None, None]
    pixels /= 255 * std
    pixels -= mean / std
    return pixels


def frame(photo: Image.Image, config: BundleConfig) -> NDArray[np.uint8]:
    """The part of an RGB photo that the network sees, at the size at which it sees it.

    `crop_mode` "squash" resizes to input size / crop_pct whatever the photo's shape, "center" resizes the shorter side
    to that and keeps the shape; both then take the middle of the input size.

    Returns:
        uint8 `[3, h, w]`, contiguous.
    """
    _, height, width = config.input_size
    resized_width, resized_height = width / config.crop_pct, height / config.crop_pct
    if config.crop_mode == "center":
        scale = max(resized_width / photo.width, resized_height / photo.height)
        resized_width, resized_height = photo.width * scale, photo.height * scale
    left, right = _middle(photo.width, round(resized_width), width)
    top, bottom = _middle(photo.height, round(resized_height), height)
    # Only what is kept is resized: the whole of a very long and narrow photo would not fit into memory.
    resampling = RESAMPLING[config.interpolation]
    framed = photo.resize((width, height), resampling, box=(left, top, right, bottom))
    return np.ascontiguousarray(np.asarray(framed).transpose(2, 0, 1))


def _middle(length: int, resized: int, kept: int) -> tuple[float, float]:
    """Where, in a photo of `length`, the middle `kept` pixels lie that it has once it is `resized`."""
    start = round((resized - kept) / 2)
    return start * length / resized, (start + kept) * length / resized
