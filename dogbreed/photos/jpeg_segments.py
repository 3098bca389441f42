"""The segments and scans of a JPEG (ITU-T T.81, annex B): how much work they are, without decoding them."""

import re
import struct

import numpy as np

from dogbreed.photos.excess import ExcessError, refuse_above
from dogbreed.photos.exif import bytes_named

FILL, ESCAPE = 0xFF, 0x00
START_OF_SCAN, END_OF_IMAGE, QUANTIZATION = 0xDA, 0xD9, 0xDB
EXIF, PHOTOSHOP = 0xE1, 0xED
FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xDE}
# No length follows: reserved markers, restarts, start and end of the image.
ALONE = {ESCAPE, 0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)}
FILL_BYTES = re.compile(b"\xff+")
WINDOW = 1 << 16  # bytes of a scan that are searched at once

# What honest files have: 10 scans (14 passes over a component), some hundreds of segments for a large XMP or depth map,
# one or two segments of EXIF, four tables of 65 or 129 bytes, hundreds of Photoshop's resources, hardly any fill bytes.
MOST_SEGMENTS = 2000
MOST_FILL_BYTES = 1 << 16
MOST_EXIF_SEGMENTS = 16
MOST_EXIF_BYTES = 16 << 20  # that its entries name
MOST_TABLE_BYTES = 1 << 16
MOST_RESOURCES = 20_000
MOST_PASSES = 64  # over the 8 x 8 blocks of one component, and half as many in a photo of the most permitted pixels


class Walk:
    """What is counted on the way through one file."""

    def __init__(self, data: bytes, max_pixels: int) -> None:
        self.data = data
        self.most_blocks = MOST_PASSES // 2 * max_pixels // 64
        self.segments = self.fill = self.blocks = self.tables = self.resources = 0
        self.exif: list[bytes] = []
        self.component_blocks: dict[int, int] = {}

    def to_the_end(self) -> None:
        at = 2
        while (found := self._next_marker(at)) is not None:
            marker, at = found
            self.segments += 1
            refuse_above(MOST_SEGMENTS, self.segments, "segments")
            if marker == END_OF_IMAGE and self.component_blocks:
                break
            if marker in ALONE:
                continue
            length = max(2, int.from_bytes(self.data[at : at + 2]))
            self._count(marker, self.data[at + 2 : at + length])
            at += length
            if marker == START_OF_SCAN:
                at = self._end_of_scan(at)
        refuse_above(MOST_EXIF_BYTES, bytes_named(b"".join(self.exif)), "bytes that its EXIF names")

    def _next_marker(self, at: int) -> tuple[int, int] | None:
        """The next marker and where it ends. Other bytes before it are counted: Pillow reads them one by one."""
        start = self.data.find(b"\xff", at)
        if start < 0:
            refuse_above(MOST_FILL_BYTES, self.fill + len(self.data) - at, "fill bytes")
            return None
        end = FILL_BYTES.match(self.data, start, start + MOST_FILL_BYTES + 2).end()  # type: ignore[union-attr]
        self.fill += end - 1 - at
        refuse_above(MOST_FILL_BYTES, self.fill, "fill bytes")
        return (self.data[end], end + 1) if end < len(self.data) else None

    def _count(self, marker: int, body: bytes) -> None:
        if marker in FRAMES:
            if self.component_blocks:
                raise ExcessError("two frames")
            self.component_blocks = _component_blocks(body)
            whole = max(self.component_blocks.values())
            # A photo with more pixels than permitted is refused for them later.
            self.most_blocks = min(MOST_PASSES * whole, max(self.most_blocks, MOST_PASSES // 2 * whole))
        elif marker == START_OF_SCAN:
            components = body[1 : 1 + 2 * body[0] : 2] if body else b""
            self.blocks += sum(self.component_blocks.get(component, 0) for component in components)
            refuse_above(self.most_blocks, self.blocks, "blocks of 8 x 8 pixels in all its scans")
        elif marker == QUANTIZATION:
            self.tables += len(body)
            refuse_above(MOST_TABLE_BYTES, self.tables, "bytes of quantization tables")
        elif marker == PHOTOSHOP:
            self.resources += body.count(b"8BIM")
            refuse_above(MOST_RESOURCES, self.resources, "resources of Photoshop")
        elif marker == EXIF and body.startswith(b"Exif\0\0"):
            self.exif.append(body[6:])
            refuse_above(MOST_EXIF_SEGMENTS, len(self.exif), "segments of EXIF")

    def _end_of_scan(self, at: int) -> int:
        """Where a scan's coded data end: at a marker that is neither an escaped 0xFF nor a restart."""
        for start in range(at, len(self.data) - 1, WINDOW):
            window = np.frombuffer(self.data, np.uint8, min(WINDOW + 1, len(self.data) - start), start)
            starts = np.flatnonzero(window[:-1] == FILL)
            markers = window[starts + 1]
            ends = starts[(markers != ESCAPE) & (markers != FILL) & ((markers & 0xF8) != 0xD0)]
            end = int(ends[0]) if ends.size else WINDOW
            self.fill += int(np.count_nonzero(markers[starts < end] == FILL))
            refuse_above(MOST_FILL_BYTES, self.fill, "fill bytes")
            if ends.size:
                return start + end
        return len(self.data)


def _component_blocks(frame: bytes) -> dict[int, int]:
    """Blocks of each component, rounded up to whole groups (T.81, A.1 and A.2). Raises `ExcessError` if many."""
    try:
        height, width, count = struct.unpack_from(">HHB", frame, 1)
        if len(frame) > 6 + 3 * 4:
            raise ExcessError(f"{(len(frame) - 6) // 3} components")
        components = [struct.unpack_from("BB", frame, 6 + 3 * index) for index in range(max(1, count))]
    except struct.error:  # cut off: opening it says so
        return {0: 0}
    across = max(1, *(sampling >> 4 for _, sampling in components))
    down = max(1, *(sampling & 15 for _, sampling in components))
    groups = -(-width // (8 * across)) * -(-height // (8 * down))
    return {name: groups * (sampling >> 4) * (sampling & 15) for name, sampling in components}


def check_jpeg(data: bytes, max_pixels: int) -> None:
    """Raises `ExcessError` if a JPEG takes far more work than its pixels explain."""
    Walk(data, max_pixels).to_the_end()
