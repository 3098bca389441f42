"""The boxes of an AVIF or HEIC (ISO/IEC 14496-12 and 23008-12): which items it has, without decoding them."""

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from dogbreed.photos.excess import refuse_above

Extent = tuple[int, int]  # first byte and end, in the file

# What honest files have: one item for each tile of 512 x 512 pixels or so, and some properties and references for each.
MOST_BOXES = 20_000
MOST_ENTRIES = 40_000


@dataclass
class Items:
    """The items of a file by their numbers.

    `types` are their codes; `sizes` (width, height) are as their properties state; `extents` say where their bytes are;
    `references` are (kind, from, to).
    """

    primary: int = 0
    types: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    extents: dict[int, list[Extent]] = field(default_factory=dict)
    references: list[tuple[bytes, int, list[int]]] = field(default_factory=list)


class Reader:
    """Big-endian numbers, one after another. Raises `struct.error` at the end of the data."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def number(self, length: int) -> int:
        """An unsigned number of 0, 1, 2, 4 or 8 bytes."""
        if length == 0:
            return 0
        (value,) = struct.unpack_from({1: ">B", 2: ">H", 4: ">L", 8: ">Q"}[length], self.data, self.at)
        self.at += length
        return int(value)

    def code(self) -> bytes:
        (value,) = struct.unpack_from("4s", self.data, self.at)
        self.at += 4
        return bytes(value)

    def version(self) -> tuple[int, int]:
        """Version and flags at the start of a full box."""
        both = self.number(4)
        return both >> 24, both & 0xFFFFFF


class Boxes:
    """Reads the boxes of one file and counts them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.boxes = self.entries = 0

    def children(self, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        """Kind, start and end of the content of each box between two places."""
        while at + 8 <= end:
            self.boxes += 1
            refuse_above(MOST_BOXES, self.boxes, "boxes")
            length, kind = struct.unpack_from(">L4s", self.data, at)
            start = at + 8
            if length == 1 and start + 8 <= end:
                (length,) = struct.unpack_from(">Q", self.data, start)
                start += 8
            stop = end if length == 0 else min(at + length, end)
            if stop < start:
                return
            yield kind, start, stop
            at = stop

    def count(self, entries: int) -> int:
        self.entries += entries
        refuse_above(MOST_ENTRIES, self.entries, "entries in its lists of items")
        return entries

    def items(self) -> Items:
        """Raises `ExcessError` if there are far more boxes than in an honest file, `struct.error` if one is cut off."""
        found = Items()
        for kind, start, end in self.children(0, len(self.data)):
            if kind == b"meta":
                self._read_meta(start + 4, end, found)
        return found

    def first_samples(self) -> list[Extent]:
        """Where the first picture of each track of an animation is. Raises as `items`."""
        inside = [(0, len(self.data))]
        for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            inside = [(at, stop) for outer in inside for kind, at, stop in self.children(*outer) if kind == name]
        samples = []
        for table in inside:
            parts = {kind: at for kind, at, _ in self.children(*table)}
            offsets, sizes = parts.get(b"stco", parts.get(b"co64")), parts.get(b"stsz")
            if offsets is not None and sizes is not None:
                (start,) = struct.unpack_from(">L" if b"stco" in parts else ">Q", self.data, offsets + 8)
                same, _, first = struct.unpack_from(">LLL", self.data, sizes + 4)
                samples.append((start, start + (same or first)))
        return samples

    def _read_meta(self, start: int, end: int, found: Items) -> None:
        parts = {kind: (at, stop) for kind, at, stop in self.children(start, end)}
        if b"pitm" in parts:
            reader = Reader(self.data, parts[b"pitm"][0])
            found.primary = reader.number(4 if reader.version()[0] else 2)
        if b"iinf" in parts:
            self._read_types(*parts[b"iinf"], found)
        if b"iref" in parts:
            self._read_references(*parts[b"iref"], found)
        if b"iprp" in parts:
            self._read_sizes(*parts[b"iprp"], found)
        if b"iloc" in parts:
            self._read_extents(parts[b"iloc"][0], parts.get(b"idat", (0, 0))[0], found)

    def _read_types(self, start: int, end: int, found: Items) -> None:
        reader = Reader(self.data, start)
        reader.number(4 if reader.version()[0] else 2)
        for kind, at, _ in self.children(reader.at, end):
            entry = Reader(self.data, at)
            version, _ = entry.version()
            if kind == b"infe" and version >= 2:
                item = entry.number(2 if version == 2 else 4)
                entry.number(2)  # protection
                found.types[item] = entry.code()

    def _read_references(self, start: int, end: int, found: Items) -> None:
        length = 4 if self.data[start] else 2
        for kind, at, _ in self.children(start + 4, end):
            reader = Reader(self.data, at)
            source = reader.number(length)
            to = [reader.number(length) for _ in range(self.count(reader.number(2)))]
            found.references.append((kind, source, to))

    def _read_sizes(self, start: int, end: int, found: Items) -> None:
        sizes: dict[int, tuple[int, int]] = {}  # by the property's number
        associations = []
        for kind, at, stop in self.children(start, end):
            if kind == b"ipco":
                for index, (what, where, _) in enumerate(self.children(at, stop), 1):
                    if what == b"ispe":
                        sizes[index] = struct.unpack_from(">LL", self.data, where + 4)
            elif kind == b"ipma":
                associations.append(at)
        for at in associations:
            for item, index in self._associations(at):
                if index in sizes:
                    found.sizes[item] = sizes[index]

    def _associations(self, at: int) -> Iterator[tuple[int, int]]:
        reader = Reader(self.data, at)
        version, flags = reader.version()
        for _ in range(self.count(reader.number(4))):
            item = reader.number(4 if version else 2)
            for _ in range(self.count(reader.number(1))):
                yield item, (reader.number(2) & 0x7FFF if flags & 1 else reader.number(1) & 0x7F)

    def _read_extents(self, at: int, inner: int, found: Items) -> None:
        """`inner` is the start of the box `idat`, which construction method 1 counts from."""
        reader = Reader(self.data, at)
        version, _ = reader.version()
        lengths = reader.number(2)
        offset, length, base, index = ((lengths >> shift) & 15 for shift in (12, 8, 4, 0))
        places: dict[int, list[Extent]] = defaultdict(list)
        for _ in range(self.count(reader.number(4 if version == 2 else 2))):
            item = reader.number(4 if version == 2 else 2)
            method = reader.number(2) & 15 if version else 0
            reader.number(2)  # the file: this one
            start = reader.number(base) + (inner if method == 1 else 0)
            for _ in range(self.count(reader.number(2))):
                reader.number(index if version else 0)
                first = start + reader.number(offset)
                size = reader.number(length)
                end = min(first + size, len(self.data)) if size else len(self.data)
                places[item].append((min(first, end), end))
        found.extents = dict(places)
