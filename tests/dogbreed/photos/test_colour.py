"""Photos in other colour spaces look as they were meant, and no profile spoils a photo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from dogbreed.photos.decoding import open_photo
from tests.image_files import ADOBE_RGB, DISPLAY_P3, colour_profile, encoded, noise, plain

LIMIT = 80_000_000
# sRGB's primaries in the light of ICC profiles (D50), one row for red, green and blue.
SRGB_PRIMARIES = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
GAMMA = 2.19921875  # Adobe RGB's, as its profile has it
PROFILES = {"Display P3": colour_profile(DISPLAY_P3, GAMMA), "Adobe RGB": colour_profile(ADOBE_RGB, GAMMA)}
PRIMARIES = {"Display P3": DISPLAY_P3, "Adobe RGB": ADOBE_RGB}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
KINDS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"]


def as_srgb(pixels: NDArray[np.uint8], primaries: tuple[tuple[float, ...], ...]) -> NDArray[np.float64]:
    """The same colours by their definition (IEC 61966-2-1), 0 to 255."""
    light = (pixels / 255) ** GAMMA @ np.array(primaries) @ np.linalg.inv(np.array(SRGB_PRIMARIES))
    light = light.clip(0, 1)
    return 255 * np.asarray(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055), np.float64)


def opened(image: Image.Image, kind: str = "PNG", **options: object) -> NDArray[np.uint8]:
    photo = open_photo(encoded(image, kind, **options), LIMIT).image
    assert photo.mode == "RGB"
    return np.asarray(photo)


@pytest.mark.parametrize("name", PROFILES)
def test_colours_are_those_that_the_profile_means(name):
    image = noise()
    expected = as_srgb(np.asarray(image), PRIMARIES[name])
    found = opened(image, icc_profile=PROFILES[name])
    # Where a colour is outside sRGB, its channels are cut off one by one.
    np.testing.assert_allclose(found, expected, atol=2)
    assert np.abs(found.astype(float) - np.asarray(image)).max() > 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_is_found_in_every_format_that_has_one(kind):
    colour = (200, 60, 90)
    found = opened(plain(colour), kind, icc_profile=PROFILES["Adobe RGB"])
    expected = as_srgb(np.array([colour], np.uint8), ADOBE_RGB)[0]
    np.testing.assert_allclose(found[30, 40], expected, atol=8)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_profile_of_srgb_changes_no_pixel(kind):
    np.testing.assert_array_equal(opened(noise(), kind, icc_profile=SRGB), opened(noise(), kind))


def test_transparent_parts_are_white_with_a_profile_too():
    image = Image.new("RGBA", (8, 8), (200, 60, 90, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 8))
    found = opened(image, icc_profile=PROFILES["Display P3"])
    np.testing.assert_allclose(found[4, 6], (255, 255, 255), atol=1)
    np.testing.assert_allclose(found[4, 1], as_srgb(np.array([[200, 60, 90]], np.uint8), DISPLAY_P3)[0], atol=2)


def test_a_palette_and_a_reduced_jpeg_are_converted():
    colour = (200, 60, 90)
    expected = as_srgb(np.array([colour], np.uint8), ADOBE_RGB)[0]
    np.testing.assert_allclose(
        opened(plain(colour).quantize(4), icc_profile=PROFILES["Adobe RGB"])[5, 5], expected, atol=2
    )
    data = encoded(plain(colour, (800, 600)), icc_profile=PROFILES["Adobe RGB"])
    reduced = open_photo(data, LIMIT, sufficient_side=100).image
    assert reduced.size == (200, 150)
    np.testing.assert_allclose(np.asarray(reduced)[5, 5], expected, atol=3)


def test_grey_photos_have_profiles_of_their_own():
    found = opened(Image.new("L", (8, 8), 100), icc_profile=colour_profile((), 1.0, b"GRAY"))
    np.testing.assert_allclose(found[3, 3], (168, 168, 168), atol=1)  # 100 / 255 of the light


def with_tables() -> bytes:
    """A profile whose first tag is a table of colours."""
    return PROFILES["Adobe RGB"].replace(b"wtpt", b"A2B0", 1)


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"not a profile",
        PROFILES["Adobe RGB"][:200],
        bytes(3000),
        PROFILES["Adobe RGB"].replace(b"rTRC", b"none"),
        PROFILES["Adobe RGB"].replace(b"RGB ", b"CMYK"),
        PROFILES["Adobe RGB"] + bytes(200_000),
        with_tables(),
    ],
    ids=["empty", "text", "cut off", "zeros", "without a curve", "of inks", "too long", "with tables"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_profile_that_cannot_be_used_is_ignored(kind, profile):
    image = plain((200, 60, 90))
    np.testing.assert_array_equal(opened(image, kind, icc_profile=profile), opened(image, kind))


def test_cmyk_keeps_its_own_conversion():
    image = plain((200, 60, 90)).convert("CMYK")
    np.testing.assert_array_equal(opened(image, "JPEG", icc_profile=PROFILES["Adobe RGB"]), opened(image, "JPEG"))


@given(changes=st.dictionaries(st.integers(0, len(PROFILES["Adobe RGB"]) - 1), st.integers(0, 255), max_size=9))
def test_a_damaged_profile_never_makes_a_photo_unreadable(changes):
    profile = bytearray(PROFILES["Adobe RGB"])
    for at, byte in changes.items():
        profile[at] = byte
    assert opened(plain((200, 60, 90)), icc_profile=bytes(profile)).shape == (60, 80, 3)
