"""The frames in the coded data of a picture: how many there are, and how large, without decoding them."""

from dataclasses import dataclass

from dogbreed.photos.excess import refuse_above

# AV1's units (AV1 specification, 6.2.2) and HEVC's (ITU-T H.265, table 7-1: those below are slices).
SEQUENCE_HEADER, FRAME_HEADER, FRAME = 1, 3, 6
SLICES = 32
FIRST_SLICE = 0x80  # the bit that a frame's first slice has

MOST_UNITS = 20_000  # in one picture
MOST_FRAMES = 8  # in one picture: an honest one is coded as one frame, or as a few layers


@dataclass
class Frames:
    """How many frames there are, and the width times height of the largest as far as the data say it."""

    count: int = 0
    pixels: int = 0
    units: int = 0

    def add(self, frame: bool) -> None:
        self.units += 1
        self.count += frame
        refuse_above(MOST_UNITS, self.units, "units in one picture")
        refuse_above(MOST_FRAMES, self.count, "frames in one picture")


def av1_frames(units: bytes) -> Frames:
    """AV1 specification, 5.3. Raises `ExcessError` if there are far more than in an honest picture."""
    found, at = Frames(), 0
    while at < len(units):
        kind, extended, sized = (units[at] >> 3) & 15, units[at] & 4, units[at] & 2
        at += 2 if extended else 1
        length, at = _leb128(units, at) if sized else (len(units) - at, at)
        found.add(kind in (FRAME_HEADER, FRAME))
        if kind == SEQUENCE_HEADER:
            found.pixels = max(found.pixels, _sequence_pixels(Bits(units[at : at + min(length, 256)])))
        at += length
    return found


def hevc_frames(units: bytes) -> Frames:
    """ITU-T H.265, 7.3.1.2 and 7.3.6.1, each unit after its length. Raises as `av1_frames`.

    No size is read: libheif itself refuses frames that are larger than the item says.
    """
    found, at = Frames(), 0
    while at + 7 <= len(units):
        found.add((units[at + 4] >> 1) & 63 < SLICES and units[at + 6] >= FIRST_SLICE)
        at += 4 + int.from_bytes(units[at : at + 4])
    return found


class Bits:
    """Reads numbers of some bits, the highest first. There are zeros after the end."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), 8 * len(data)

    def read(self, length: int) -> int:
        self._left -= length
        shifted = self._value >> self._left if self._left >= 0 else self._value << -self._left
        return shifted & (1 << length) - 1

    def skip_variable(self) -> None:
        """A number after as many zeros as it has bits (AV1 specification, 4.10.3)."""
        zeros = 0
        while zeros < 32 and not self.read(1):
            zeros += 1
        self.read(zeros)


def _sequence_pixels(bits: Bits) -> int:
    """The largest frame that a sequence header permits (AV1 specification, 5.5.1)."""
    bits.read(4)  # profile, still picture
    if bits.read(1):  # the short header of a still picture
        bits.read(5)
    else:
        _skip_operating_points(bits)
    across, down = bits.read(4) + 1, bits.read(4) + 1
    width = bits.read(across) + 1
    return width * (bits.read(down) + 1)


def _skip_operating_points(bits: Bits) -> None:
    delay_bits = 0
    if bits.read(1):  # timing
        bits.read(64)
        if bits.read(1):
            bits.skip_variable()
        if bits.read(1):  # a model of the decoder
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:  # its level
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.read(1):
            bits.read(4)


def _leb128(units: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends (AV1 specification, 4.10.5)."""
    value = 0
    for index, byte in enumerate(units[at : at + 8]):
        value |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            return value, at + index + 1
    return 0, len(units)
