"""The blocks of a GIF before its first image (GIF89a, sections 15 to 26): Pillow reads each of them in Python."""

from dogbreed.photos.excess import refuse_above

HEADER_BYTES = 13
PALETTE, PALETTE_BITS = 0x80, 0x07
EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B

# An honest file has a few, or one for every hundred bytes of XMP.
MOST_BLOCKS = 50_000


def check_gif(data: bytes, max_pixels: int) -> None:
    """Raises `ExcessError` if a GIF has far more blocks before its first image than an honest one."""
    flags = data[10] if len(data) > 10 else 0
    at, blocks = HEADER_BYTES + (3 << (flags & PALETTE_BITS) + 1 if flags & PALETTE else 0), 0
    inside = False  # of an extension, which ends with an empty block
    while at < len(data):
        byte = data[at]
        blocks += 1
        refuse_above(MOST_BLOCKS, blocks, "blocks before its first image")
        if inside:
            at += 1 + byte
            inside = byte != 0
        elif byte == EXTENSION:
            at += 2  # its kind
            inside = True
        elif byte in (IMAGE, TRAILER):
            return
        else:
            at += 1
