"""Real image files, made with Pillow."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()  # lets Pillow write HEIC files

COLORANTS = (b"rXYZ", b"gXYZ", b"bXYZ")
BLUE, GREEN, RED = (20, 30, 220), (20, 220, 30), (220, 30, 20)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The bytes of an image file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (80, 60)) -> Image.Image:
    """A photo of a single colour."""
    return Image.new("RGB", size, colour)


def noise(size: tuple[int, int] = (80, 60)) -> Image.Image:
    """Random pixels, which compress badly, so that a file is long enough to be cut."""
    width, height = size
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


# The primaries of colour spaces as X, Y, Z in the light of ICC profiles (D50), one row for red, green and blue.
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def colour_profile(primaries: tuple[tuple[float, ...], ...], gamma: float, space: bytes = b"RGB ") -> bytes:
    """An ICC profile of a matrix and a curve (ICC.1:2001-04)."""

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">LHxx", 1, round(gamma * 256))
    tags = [(b"wtpt", white)]
    if space == b"GRAY":
        tags.append((b"kTRC", curve))
    else:
        tags += [(name, b"XYZ \0\0\0\0" + fixed(*xyz)) for name, xyz in zip(COLORANTS, primaries, strict=True)]
        tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    start, table, body = 128 + 4 + 12 * len(tags), struct.pack(">L", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">LL", start + len(body), len(data))
        body += data
    head = bytes(4) + struct.pack(">L", 0x02400000) + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += fixed(0.9642, 1, 0.8249) + bytes(48)
    return struct.pack(">L", start + len(body)) + head + table + body


def png_claiming(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG with a valid header for 1-bit grey pixels, followed by `pixels`."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def png_bomb(width: int, height: int) -> bytes:
    """A valid black PNG: few bytes that decode to many pixels."""
    return png_claiming(width, height, zlib.compress(bytes((width // 8 + 1) * height), 9))
