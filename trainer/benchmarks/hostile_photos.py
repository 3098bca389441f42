"""Files that are made to cost a server far more than a photo: few bytes or pixels, much work.

Each maker takes how often it repeats something. Up to the limits of `dogbreed.photos.budget` the files are decoded.
"""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image
from pillow_heif import register_heif_opener

from trainer.benchmarks.hostile_items import Item, item_file, media_of

Maker = Callable[[int], bytes]
SMALL = (64, 64)
EXIF_START = b"II*\0\x08\0\0\0"


def photo(kind: str, size: tuple[int, int] = SMALL, mode: str = "RGB", **options: object) -> bytes:
    """A grey photo of any size."""
    if kind == "HEIF":
        register_heif_opener()
    file = BytesIO()
    Image.new(mode, size, 128 if mode == "L" else (128,) * len(mode)).save(file, kind, **options)
    return file.getvalue()


def big_directory(entries: int, length: int) -> bytes:
    """EXIF of `length` bytes, which each of its entries names as a whole."""
    entry = struct.pack("<HHLL", 0x9000, 1, length - 8, 8)
    return (EXIF_START + struct.pack("<H", entries) + entry * entries).ljust(length, b"\0")


# JPEG


def segment(marker: int, body: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def in_jpeg(extra: bytes, jpeg: bytes | None = None) -> bytes:
    """A JPEG with more bytes after its first marker."""
    jpeg = jpeg or photo("JPEG")
    return jpeg[:2] + extra + jpeg[2:]


def jpeg_of_scans(scans: int, size: tuple[int, int] = (8192, 8192)) -> bytes:
    """The last scan of a progressive JPEG, again and again."""
    jpeg = photo("JPEG", size, progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + last * scans + jpeg[-2:]


def jpeg_of_exif(segments: int) -> bytes:
    body = big_directory(min(65_535, 5000 * segments), 65_000 * segments)
    return in_jpeg(b"".join(segment(0xE1, b"Exif\0\0" + body[at : at + 65_000]) for at in range(0, len(body), 65_000)))


def jpeg_of_restarts(groups: int) -> bytes:
    """A restart marker after each block."""
    jpeg = photo("JPEG", (8192, 8192), "L")
    start = jpeg.index(b"\xff\xda")
    block = jpeg[start + 10 : start + 12]
    scan = b"".join(block + bytes([0xFF, 0xD0 + number % 8]) for number in range(groups))
    return jpeg[:start] + segment(0xDD, b"\0\1") + jpeg[start : start + 10] + scan + b"\xff\xd9"


# PNG


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def in_png(extra: bytes, png: bytes | None = None) -> bytes:
    """A PNG with more chunks after its header."""
    png = png or photo("PNG")
    return png[:33] + extra + png[33:]


def png_of_size(width: int, height: int) -> bytes:
    """A black PNG of 1 bit a pixel."""
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes((-(-width // 8) + 1) * height), 1))
    return photo("PNG")[:8] + header + pixels + chunk(b"IEND")


def million_zeros() -> bytes:
    return zlib.compress(bytes(1_000_000), 9)


# GIF, WebP


def in_gif(extra: bytes) -> bytes:
    """A GIF with more bytes before its first image."""
    gif = photo("GIF", mode="L")
    start = gif.index(b"\x2c", 13 + 3 * (2 << (gif[10] & 7)))
    return gif[:start] + extra + gif[start:]


def with_chunks(extra: bytes, webp: bytes | None = None) -> bytes:
    """A WebP with more chunks at its end."""
    webp = webp or photo("WEBP", exif=b"Exif\0\0" + EXIF_START + bytes(6))
    return webp[:4] + struct.pack("<L", len(webp) - 8 + len(extra)) + webp[8:] + extra


def webp_of_exif(copies: int) -> bytes:
    return photo("WEBP", exif=big_directory(65_535, 800_000 * copies))


# AVIF, HEIC


def items_of(kind: str, tiles: int, size: tuple[int, int] = (4096, 4096)) -> bytes:
    """A grid of one row that shows the same picture in each tile."""
    media = media_of(photo(kind, size))
    grid = struct.pack(">BBBBHH", 0, 0, 0, tiles - 1, 64, 64)
    tile = Item(2, media.kind, media.data, size, media.configuration)
    return item_file(media.brand, [Item(1, b"grid", grid, (64, 64)), tile], [(b"dimg", 1, [2] * tiles)])


def frames_of(kind: str, frames: int) -> bytes:
    """One picture whose only frame is there again and again."""
    media = media_of(photo(kind))
    return item_file(media.brand, [Item(1, media.kind, media.data * frames, SMALL, media.configuration)])


def metadata_of(kind: str, items: int) -> bytes:
    """Items that nothing uses."""
    media = media_of(photo(kind))
    unused = [Item(number, b"Exif", b"\0\0\0\0", None) for number in range(2, items + 2)]
    return item_file(media.brand, [Item(1, media.kind, media.data, SMALL, media.configuration), *unused])


def exif_of(kind: str, copies: int) -> bytes:
    media = media_of(photo(kind))
    exif = Item(2, b"Exif", b"\0\0\0\0" + big_directory(65_535, 800_000 * copies), None)
    return item_file(
        media.brand,
        [Item(1, media.kind, media.data, SMALL, media.configuration), exif],
        [(b"cdsc", 2, [1])],
    )


MAKERS: dict[str, tuple[Maker, int]] = {  # the second: how often at most, for a file of 20 MB
    "JPEG: scans": (jpeg_of_scans, 5000),
    "JPEG: scans of a small photo": (lambda n: jpeg_of_scans(n, SMALL), 1_000_000),
    "JPEG: fill bytes": (lambda n: in_jpeg(b"\xff" * n), 20_000_000),
    "JPEG: fill bytes in a scan": (lambda n: photo("JPEG")[:-2] + b"\xff" * n + b"\xd9", 20_000_000),
    "JPEG: other bytes": (lambda n: in_jpeg(segment(0xFE) + bytes(n)), 20_000_000),
    "JPEG: comments": (lambda n: in_jpeg(segment(0xFE) * n), 4_000_000),
    "JPEG: long segments": (lambda n: in_jpeg(segment(0xE1, bytes(60_000)) * n), 330),
    "JPEG: quantization tables": (lambda n: in_jpeg(segment(0xDB, bytes(65) * n)), 1000),
    "JPEG: segments of quantization tables": (lambda n: in_jpeg(segment(0xDB, bytes(65) * 1000) * n), 300),
    "JPEG: frames": (lambda n: in_jpeg(segment(0xC0, b"\x08\0\x30\0\x40\x01" + b"\1\x11\0" * 20_000) * n), 300),
    "JPEG: Photoshop's resources": (
        lambda n: in_jpeg(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5000) * n),
        330,
    ),
    "JPEG: EXIF": (jpeg_of_exif, 300),
    "JPEG: restarts": (jpeg_of_restarts, 4_000_000),
    "PNG: chunks": (lambda n: in_png(chunk(b"prVt") * n), 1_600_000),
    "PNG: empty chunks of pixels": (lambda n: in_png(chunk(b"IDAT") * n), 1_600_000),
    "PNG: compressed texts": (lambda n: in_png(chunk(b"zTXt", b"a\0\0" + million_zeros()) * n), 19_000),
    "PNG: compressed profiles": (lambda n: in_png(chunk(b"iCCP", b"a\0\0" + million_zeros()) * n), 19_000),
    "PNG: high": (lambda n: png_of_size(1, n), 79_999_999),
    "PNG: wide": (lambda n: png_of_size(n, 1), 79_999_999),
    "GIF: blocks of a comment": (lambda n: in_gif(b"\x21\xfe" + b"\1a" * n + b"\0"), 10_000_000),
    "GIF: extensions": (lambda n: in_gif(b"\x21\xf9\4\0\0\0\0\0" * n), 2_500_000),
    "GIF: other bytes": (lambda n: in_gif(bytes(n)), 20_000_000),
    "WebP: chunks": (lambda n: with_chunks(b"abcd\0\0\0\0" * n), 2_500_000),
    "WebP: EXIF": (webp_of_exif, 25),
    "AVIF: tiles": (lambda n: items_of("AVIF", n), 256),
    "AVIF: frames": (lambda n: frames_of("AVIF", n), 100_000),
    "AVIF: items": (lambda n: metadata_of("AVIF", n), 60_000),
    "AVIF: EXIF": (lambda n: exif_of("AVIF", n), 25),
    "HEIC: tiles": (lambda n: items_of("HEIF", n), 256),
    "HEIC: frames": (lambda n: frames_of("HEIF", n), 100_000),
    "HEIC: items": (lambda n: metadata_of("HEIF", n), 60_000),
    "HEIC: EXIF": (lambda n: exif_of("HEIF", n), 25),
}
