"""EXIF: which way up a photo is, read in bounded time.

Pillow's reader copies what each of up to 65,535 entries names, which may be the whole file each time.
"""

import re
import struct
from typing import Any, Literal

import numpy as np

Order = Literal["<", ">", "="]  # as struct and NumPy write it; the last stands for none that EXIF has

ORIENTATION = 0x0112  # how to rotate or mirror the stored image so that it is upright (Exif 3.0, 4.6.5.1.6)
UPRIGHT = 1
ORDERS: dict[bytes, Order] = {b"II": "<", b"MM": ">"}
ENTRY = np.dtype([("tag", "u2"), ("kind", "u2"), ("count", "u4"), ("value", "u4")])
INLINE = 4  # bytes that are in the entry itself
TYPE_BYTES = np.array([0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8, 0])  # of each kind; 0 if there is none
WHOLE_NUMBERS = {1: "B", 3: "H", 4: "L"}
PREFIX = b"Exif\0\0"
IN_XMP = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')


def orientation_of(info: dict[Any, Any]) -> int:
    """The orientation, 1 to 8, that the `info` of a Pillow image states in EXIF or else in XMP; 1 if it states none.

    Damaged metadata counts as none.
    """
    stated = _in_exif(_exif_of(info))
    if stated is None:
        found = IN_XMP.search(_xmp_of(info))
        stated = int(found[1]) if found else UPRIGHT
    return stated


def bytes_named(exif: bytes) -> int:
    """How many bytes the entries of the first directory name altogether: what a reader copies that loads them all."""
    order, at, entries = _directory(exif)
    whole = min(entries, max(0, len(exif) - at) // ENTRY.itemsize)
    table = np.frombuffer(exif, ENTRY.newbyteorder(order), whole, at) if whole else np.empty(0, ENTRY)
    claimed = table["count"].astype(np.int64) * TYPE_BYTES[np.minimum(table["kind"], len(TYPE_BYTES) - 1)]
    return int(claimed[(claimed > INLINE) & (claimed <= len(exif))].sum())


def _in_exif(exif: bytes) -> int | None:
    order, at, entries = _directory(exif)
    stated = None
    for start in range(at, min(at + entries * ENTRY.itemsize, len(exif) - ENTRY.itemsize + 1), ENTRY.itemsize):
        tag, kind, count = struct.unpack_from(order + "HHL", exif, start)
        if tag == ORIENTATION and count == 1 and kind in WHOLE_NUMBERS:
            (stated,) = struct.unpack_from(order + WHOLE_NUMBERS[kind], exif, start + 8)
    return stated


def _directory(exif: bytes) -> tuple[Order, int, int]:
    """Byte order, start and number of the entries of the first directory (TIFF 6.0, section 2)."""
    start = 6 * (exif.startswith(PREFIX) + exif.startswith(2 * PREFIX))
    order = ORDERS.get(exif[start : start + 2], "=")
    try:
        (offset,) = struct.unpack_from(order + "L", exif, start + 4)
        (entries,) = struct.unpack_from(order + "H", exif, start + offset)
    except struct.error:  # cut off
        return order, 0, 0
    return order, start + offset + 2, 0 if order == "=" else entries


def _exif_of(info: dict[Any, Any]) -> bytes:
    exif, in_text = info.get("exif"), info.get("Raw profile type exif")
    if exif is None and isinstance(in_text, str):  # ImageMagick's text in a PNG: three lines, then hexadecimal digits
        try:
            exif = bytes.fromhex("".join(in_text.split("\n")[3:]))
        except ValueError:
            return b""
    return exif if isinstance(exif, bytes) else b""


def _xmp_of(info: dict[Any, Any]) -> bytes:
    xmp = info.get("XML:com.adobe.xmp") or info.get("xmp") or b""
    return xmp.encode(errors="replace") if isinstance(xmp, str) else bytes(xmp)
