"""Writes AVIF and HEIC files of any items (ISO/IEC 14496-12 and 23008-12)."""

import struct
from dataclasses import dataclass

from dogbreed.photos.iso_boxes import Boxes


@dataclass(frozen=True)
class Media:
    """The only coded picture of a file."""

    brand: bytes
    kind: bytes
    data: bytes
    configuration: bytes  # the box that a decoder needs


@dataclass(frozen=True)
class Item:
    number: int
    kind: bytes
    data: bytes
    size: tuple[int, int] | None  # width, height; None for metadata
    configuration: bytes = b""


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">L4s", len(body) + 8, kind) + body


def full(kind: bytes, version: int, *content: bytes) -> bytes:
    return box(kind, struct.pack(">L", version << 24), *content)


def media_of(data: bytes) -> Media:
    """Takes a file apart that Pillow wrote."""
    items = Boxes(data).items()
    item = items.primary
    kind = items.types[item]
    start = data.index({b"av01": b"av1C", b"hvc1": b"hvcC"}[kind]) - 4
    (length,) = struct.unpack_from(">L", data, start)
    picture = b"".join(data[first:end] for first, end in items.extents[item])
    return Media(data[8:12], kind, picture, data[start : start + length])


def item_file(brand: bytes, items: list[Item], references: list[tuple[bytes, int, list[int]]] | None = None) -> bytes:
    """A file whose primary item is the first of `items`."""
    head = box(b"ftyp", brand, bytes(4), b"mif1", brand, b"miaf")
    places = len(head) + len(_meta(items, references or [], 0)) + 8
    return head + _meta(items, references or [], places) + box(b"mdat", *(item.data for item in items))


def _meta(items: list[Item], references: list[tuple[bytes, int, list[int]]], start: int) -> bytes:
    types = [full(b"infe", 2, struct.pack(">HH4sx", item.number, 0, item.kind)) for item in items]
    linked = [box(kind, struct.pack(f">HH{len(to)}H", source, len(to), *to)) for kind, source, to in references]
    return full(
        b"meta",
        0,
        full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
        full(b"pitm", 0, struct.pack(">H", items[0].number)),
        full(b"iloc", 0, struct.pack(">BBH", 0x44, 0, len(items)), *_places(items, start)),
        full(b"iinf", 1, struct.pack(">L", len(items)), *types),
        full(b"iref", 0, *linked),
        _properties([item for item in items if item.size]),
    )


def _places(items: list[Item], start: int) -> list[bytes]:
    places = []
    for item in items:
        places.append(struct.pack(">HHHLL", item.number, 0, 1, start, len(item.data)))
        start += len(item.data)
    return places


def _properties(pictures: list[Item]) -> bytes:
    boxes: list[bytes] = []
    links = []
    for item in pictures:
        mine = [full(b"ispe", 0, struct.pack(">LL", *item.size or (0, 0)))]
        mine += [item.configuration] if item.configuration else []
        indices = range(len(boxes) + 1, len(boxes) + 1 + len(mine))
        links.append(struct.pack(f">HB{len(mine)}B", item.number, len(mine), *indices))
        boxes += mine
    return box(b"iprp", box(b"ipco", *boxes), full(b"ipma", 0, struct.pack(">L", len(links)), *links))
