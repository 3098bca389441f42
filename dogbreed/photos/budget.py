"""What a photo may cost, checked before its pixels are touched.

The time that decoding takes is bounded by a photo's pixels in honest files only. A hostile file of a few kilobytes has
hundreds of scans, or millions of segments that are read one by one.
"""

from collections.abc import Callable

from dogbreed.photos.coded_items import check_items
from dogbreed.photos.excess import ExcessError
from dogbreed.photos.gif_blocks import check_gif
from dogbreed.photos.jpeg_segments import check_jpeg
from dogbreed.photos.png_chunks import check_png
from dogbreed.photos.riff_chunks import check_webp

LONGEST_SIDE = 65_535  # pixels, what all formats but PNG can state at most; Pillow keeps a table of all rows
CHECKS: dict[str, Callable[[bytes, int], None]] = {
    "JPEG": check_jpeg,
    "PNG": check_png,
    "WebP": check_webp,
    "GIF": check_gif,
    "AVIF": check_items,
    "HEIC": check_items,
}


def excess_of(name: str, data: bytes, max_pixels: int) -> str | None:
    """What a file of a `Format` has too much of, in words that follow "has"; None if it is within the budget.

    An honest photo of up to `max_pixels` is always within it. Reads the file's structure alone.
    """
    try:
        CHECKS[name](data, max_pixels)
    except ExcessError as excess:
        return str(excess)
    return None
