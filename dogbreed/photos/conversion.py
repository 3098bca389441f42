"""Decoded pixels of any kind -> RGB, in strips: no whole copy is made on the way."""

import numpy as np
from PIL import Image

STRIP_PIXELS = 1 << 18


def to_rgb(photo: Image.Image, factor: int = 1) -> Image.Image:
    """An RGB image with transparent parts in white.

    Beside the decoded photo and the result, memory is taken for `STRIP_PIXELS` only. The photo itself is returned if it
    is what is wanted.

    Args:
        photo: decoded, of any mode.
        factor: makes it smaller by so much: a pixel of the result is the mean of a square of so many pixels a side.
    """
    if photo.mode == "RGB" and factor == 1 and not photo.has_transparency_data:
        return photo
    width, height = photo.size
    rgb = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, STRIP_PIXELS // (width * factor))
    for top in range(0, height, rows):
        strip = _strip_to_rgb(photo.crop((0, top, width, min(top + rows, height))))
        rgb.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return rgb


def _strip_to_rgb(strip: Image.Image) -> Image.Image:
    if strip.mode == "I;16":
        return _from_16_bits(strip)
    if not strip.has_transparency_data:
        # CMYK: Pillow has already undone the inversion with which Adobe writes JPEG.
        return strip.convert("RGB")
    layered = strip.convert("RGBA")
    rgb = Image.new("RGB", strip.size, "white")
    rgb.paste(layered, mask=layered)
    return rgb


def _from_16_bits(strip: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 instead of scaling, which makes the photo white.
    grey = np.asarray(strip).astype(np.uint32)
    transparent = strip.info.get("transparency")
    if isinstance(transparent, int):
        grey[grey == transparent] = 65535
    grey += 128
    grey //= 257
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
