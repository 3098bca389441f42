"""The chunks of a WebP (RFC 9649, section 2.3): libwebp keeps a list of all of them."""

import struct

from dogbreed.photos.excess import refuse_above

HEADER = struct.Struct("<4sI")
FILE_HEADER_BYTES = 12

# An honest animation has a chunk for each frame.
MOST_CHUNKS = 20_000


def check_webp(data: bytes, max_pixels: int) -> None:
    """Raises `ExcessError` if a WebP has far more chunks than an honest one."""
    at, chunks = FILE_HEADER_BYTES, 0
    while at + HEADER.size <= len(data):
        _, length = HEADER.unpack_from(data, at)
        chunks += 1
        refuse_above(MOST_CHUNKS, chunks, "chunks")
        at += HEADER.size + length + length % 2
