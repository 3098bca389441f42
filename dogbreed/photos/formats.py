"""The supported image formats: how to recognise one, and how to open it without decoding it."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import AvifImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from pillow_heif import HeifImageFile

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}


@dataclass(frozen=True)
class Format:
    """A supported format. `open` only reads the header; `load()` decodes the pixels.

    The openers are those that `Image.open()` calls. `Image.open()` itself would also read unsupported formats, and
    warns at a size limit that is global to the process.
    """

    name: str
    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    matches: Callable[[bytes], bool]
    open: Callable[[BytesIO], Image.Image]


def _brands(data: bytes) -> set[bytes]:
    """The brands that a file of the ISO base media format (ISO/IEC 14496-12, 4.3) declares; empty for other files."""
    if data[4:8] != b"ftyp":
        return set()
    listed = data[16 : min(int.from_bytes(data[:4]), 256)]
    return {data[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4))}


FORMATS = (
    Format(
        "JPEG",
        ("image/jpeg",),
        (".jpg", ".jpeg"),
        lambda data: data.startswith(b"\xff\xd8\xff"),
        JpegImagePlugin.JpegImageFile,
    ),
    Format(
        "PNG",
        ("image/png",),
        (".png",),
        lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
        PngImagePlugin.PngImageFile,
    ),
    Format(
        "WebP",
        ("image/webp",),
        (".webp",),
        lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
        WebPImagePlugin.WebPImageFile,
    ),
    Format(
        "GIF",
        ("image/gif",),
        (".gif",),
        lambda data: data[:6] in (b"GIF87a", b"GIF89a"),
        GifImagePlugin.GifImageFile,
    ),
    # An AVIF file may also declare the general HEIF brands, so AVIF is tested before HEIC.
    Format(
        "AVIF",
        ("image/avif",),
        (".avif",),
        lambda data: bool(_brands(data) & AVIF_BRANDS),
        AvifImagePlugin.AvifImageFile,
    ),
    Format(
        "HEIC",
        ("image/heic", "image/heif"),
        (".heic", ".heif"),
        lambda data: bool(_brands(data) & HEIF_BRANDS),
        HeifImageFile,
    ),
)
FORMAT_NAMES = ", ".join(known.name for known in FORMATS[:-1]) + f" or {FORMATS[-1].name}"
MEDIA_TYPES = [media_type for known in FORMATS for media_type in known.media_types]
EXTENSIONS = [extension for known in FORMATS for extension in known.extensions]

# Unsupported formats that people do send, to name them in the error: (offset, first bytes, name).
OTHER_FORMATS = [
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF or a camera's raw photo"),
    (0, b"MM\0*", "a TIFF or a camera's raw photo"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL photo"),
    (0, b"\xff\x0a", "a JPEG XL photo"),
    (0, b"%PDF", "a PDF"),
    (4, b"ftyp", "a video"),
    (0, b"<", "a web page or a drawing"),
]


def format_of(data: bytes) -> Format | None:
    """The supported format that a file's first bytes indicate; None if there is none."""
    return next((known for known in FORMATS if known.matches(data)), None)


def name_of_other(data: bytes) -> str:
    """What an unsupported file is, in words that follow "is"."""
    return next((name for at, start, name in OTHER_FORMATS if data.startswith(start, at)), "in an unknown format")
