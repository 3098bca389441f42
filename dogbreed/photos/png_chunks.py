"""The chunks of a PNG (W3C PNG, section 5): Pillow reads each of them in Python."""

import struct

from dogbreed.photos.excess import refuse_above

HEADER = struct.Struct(">I4s")
SIGNATURE_BYTES, CHECKSUM_BYTES = 8, 4
INFLATED = {b"tEXt", b"zTXt", b"iTXt", b"iCCP"}  # each may grow to a megabyte

# What honest files have: a chunk of pixels for every 8 kB or more, some dozens of texts, one profile.
MOST_CHUNKS = 20_000
MOST_INFLATED = 100


def check_png(data: bytes, max_pixels: int) -> None:
    """Raises `ExcessError` if a PNG has far more chunks than an honest one."""
    at, chunks, inflated = SIGNATURE_BYTES, 0, 0
    while at + HEADER.size <= len(data):
        length, kind = HEADER.unpack_from(data, at)
        if kind == b"IEND":
            return
        chunks += 1
        inflated += kind in INFLATED
        refuse_above(MOST_CHUNKS, chunks, "chunks")
        refuse_above(MOST_INFLATED, inflated, "texts and profiles")
        at += HEADER.size + length + CHECKSUM_BYTES
