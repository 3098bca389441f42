"""Colours as sRGB: what an embedded ICC profile says about a photo's own.

Phones write Display P3 and cameras Adobe RGB; taken for sRGB, their colours look pale.
"""

import struct
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

# Profiles of a matrix and curves are a few kilobytes, or some dozens with long curves. Profiles with tables of colours
# are for scanners and printers, and nothing bounds the time that a made-up one takes, so they are ignored.
MOST_BYTES = 128 * 1024
HEADER_BYTES = 128  # ICC.1:2022, 7.2
TABLES = {b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2", b"D2B3"}
MODES = {b"RGB ": "RGB", b"GRAY": "L"}
STEPS = 9  # of each channel, on which a profile is tried
ROUNDING = 3  # levels of 255 by which the profiles of several makers for sRGB differ


def to_srgb(rgb: Image.Image, profile: object) -> Image.Image:
    """An RGB image with its colours converted from an ICC profile, in place where possible.

    Nothing changes for the profile of sRGB, for one that is broken, and for one that is not of a matrix and curves.

    Args:
        rgb: 8 bits a channel.
        profile: the bytes that Pillow found in the file, or None.
    """
    transform = _transform(profile) if isinstance(profile, bytes) and len(profile) <= MOST_BYTES else None
    if transform is None:
        return rgb
    if transform.input_mode == "L":
        return _converted(rgb.getchannel(0), transform)
    ImageCms.applyTransform(rgb, transform, inPlace=True)
    return rgb


@lru_cache(maxsize=16)  # most photos have one of a few profiles
def _transform(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """From a profile to sRGB; None if it makes no difference or cannot be used."""
    mode = MODES.get(profile[16:20])
    if mode is None or _has_tables(profile):
        return None
    try:
        source, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, srgb, mode, "RGB")
        colours = _colours().convert(mode)
        converted = _converted(colours, transform)
    except Exception:  # a profile that LittleCMS cannot read says nothing about the photo
        return None
    change = np.asarray(converted, np.int16) - np.asarray(colours.convert("RGB"), np.int16)
    return transform if np.abs(change).max() > ROUNDING else None


def _converted(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # it is None only in place
    return converted


def _has_tables(profile: bytes) -> bool:
    (tags,) = struct.unpack_from(">L", profile.ljust(HEADER_BYTES + 4, b"\0"), HEADER_BYTES)
    names = profile[HEADER_BYTES + 4 : HEADER_BYTES + 4 + 12 * tags]
    return any(names[at : at + 4] in TABLES for at in range(0, len(names), 12))


def _colours() -> Image.Image:
    """All combinations of `STEPS` levels of each channel."""
    levels = np.linspace(0, 255, STEPS).astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(STEPS, -1, 3))
