"""The pictures in an AVIF or HEIC: how many pixels are decoded for the one that is shown."""

import struct
from collections import defaultdict
from functools import cache

from dogbreed.photos.coded_frames import av1_frames, hevc_frames
from dogbreed.photos.excess import refuse_above
from dogbreed.photos.exif import bytes_named
from dogbreed.photos.iso_boxes import Boxes, Items

DERIVED = {b"grid", b"iovl", b"iden", b"tmap"}  # pictures made of others
BESIDE = {b"auxl", b"thmb"}  # transparency, thumbnails
FRAMES = {b"av01": av1_frames, b"hvc1": hevc_frames}

# An honest file has the photo, its transparency, and thumbnails: twice its pixels and a little more.
MOST_PICTURES = 4  # of the photo's own size
SMALL = 1_000_000  # pixels; the tiles of a photo with fewer may stand out
MOST_DEPTH = 8  # pictures made of pictures
MOST_OVERLAP = 2  # times the file: pictures do not share their bytes
MOST_METADATA_BYTES = 64 << 20  # copied for all pictures that share them
MOST_EXIF = 32
MOST_EXIF_BYTES = 16 << 20  # that its entries name


def check_items(data: bytes, max_pixels: int) -> None:
    """Raises `ExcessError` if an AVIF or HEIC takes far more work than its pixels explain."""
    try:
        boxes = Boxes(data)
        items, samples = boxes.items(), boxes.first_samples()
    except struct.error:  # cut off: opening it says so
        return
    extents = [end - start for places in items.extents.values() for start, end in places]
    refuse_above(MOST_OVERLAP * len(data), sum(extents), "bytes in its items")
    _check_metadata(data, items)
    width, height = items.sizes.get(items.primary, (0, 0))
    most = MOST_PICTURES * max(SMALL, width * height)  # a photo with too many pixels is refused for them later
    refuse_above(most, _pixels_shown(data, items), "pixels in all its pictures")
    frames = [av1_frames(data[start:end]) for start, end in samples]
    pixels = sum(each.count * each.pixels for each in frames)
    refuse_above(MOST_PICTURES * max_pixels, pixels, "pixels in its first frames")


def _pixels_shown(data: bytes, items: Items) -> int:
    """The pixels of the primary picture, of those that it is made of, and of those beside it."""
    parts: defaultdict[int, list[int]] = defaultdict(list)
    for kind, item, to in items.references:
        if kind == b"dimg" and items.types.get(item) in DERIVED:
            parts[item] += to

    @cache
    def own(item: int) -> int:
        width, height = items.sizes.get(item, (0, 0))
        count = FRAMES.get(items.types.get(item, b""))
        frames = count(_content(data, items, item)) if count else None
        return max(width * height, frames.pixels) * frames.count if frames else width * height

    @cache
    def all_pixels(item: int, depth: int) -> int:
        refuse_above(MOST_DEPTH, depth, "pictures inside each other")
        return own(item) + sum(all_pixels(part, depth + 1) for part in parts[item])

    shown = {items.primary} | {item for kind, item, to in items.references if kind in BESIDE and items.primary in to}
    return sum(all_pixels(item, 0) for item in shown)


def _check_metadata(data: bytes, items: Items) -> None:
    copied = 0
    for kind, item, to in items.references:
        if kind == b"cdsc":
            copied += len(to) * sum(end - start for start, end in items.extents.get(item, []))
            refuse_above(MOST_METADATA_BYTES, copied, "bytes of metadata")
    exif = [item for item, kind in items.types.items() if kind == b"Exif"]
    refuse_above(MOST_EXIF, len(exif), "items of EXIF")
    for item in exif:
        content = _content(data, items, item)
        start = min((at for at in (content.find(b"II*\0"), content.find(b"MM\0*")) if at >= 0), default=0)
        refuse_above(MOST_EXIF_BYTES, bytes_named(content[start:]), "bytes that its EXIF names")


def _content(data: bytes, items: Items, item: int) -> bytes:
    return b"".join(data[start:end] for start, end in items.extents.get(item, []))
