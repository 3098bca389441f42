"""Real image files, made with Pillow."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()  # lets Pillow write HEIC files

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


def png_claiming(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG with a valid header for 1-bit grey pixels, followed by `pixels`."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def png_bomb(width: int, height: int) -> bytes:
    """A valid black PNG: few bytes that decode to many pixels."""
    return png_claiming(width, height, zlib.compress(bytes((width // 8 + 1) * height), 9))
