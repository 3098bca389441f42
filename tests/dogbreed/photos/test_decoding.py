import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dogbreed.photos.decoding import PhotoError, open_photo
from tests.image_files import BLUE, GREEN, RED, encoded, noise, plain, png_claiming

# As in a server, where these are ignored.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

LIMIT = 80_000_000
ORIENTATION = 0x0112
WHITE = (255, 255, 255)


def colour_at(photo: Image.Image, where: tuple[int, int]) -> tuple[int, ...]:
    colour = photo.getpixel(where)
    assert isinstance(colour, tuple)
    return colour


def refusal(data: bytes, limit: int = LIMIT) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        open_photo(data, limit)
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"])
def test_the_usual_kinds_are_read_as_rgb(kind):
    photo = open_photo(encoded(plain(GREEN), kind), LIMIT).image
    assert photo.mode == "RGB"
    assert photo.size == (80, 60)
    np.testing.assert_allclose(colour_at(photo, (40, 30)), GREEN, atol=6)


def upright() -> Image.Image:
    """Red left of blue, with green along the top: no turn or mirror image of it looks the same."""
    image = Image.new("RGB", (96, 64), RED)
    image.paste(BLUE, (48, 0, 96, 64))
    image.paste(GREEN, (0, 0, 96, 16))
    return image


# How a camera stores the rows and columns of an upright picture for each orientation (Exif 3.0, 4.6.5.1.6).
STORED = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_a_photo_taken_sideways_is_turned_upright(orientation, kind):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    opened = open_photo(encoded(STORED[orientation](upright()), kind, exif=exif.tobytes()), LIMIT)
    photo = opened.image
    assert photo.size == (opened.width, opened.height) == (96, 64)
    for where, colour in {(24, 8): GREEN, (72, 8): GREEN, (24, 40): RED, (72, 40): BLUE}.items():
        np.testing.assert_allclose(colour_at(photo, where), colour, atol=30)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_broken_metadata_does_not_spoil_a_photo(exif):
    assert open_photo(encoded(plain(RED), exif=exif), LIMIT).image.size == (80, 60)


def test_a_decoded_photo_has_no_metadata_that_would_be_saved_again():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    with_exif: dict[str, Any] = {"exif": exif}
    for options in (with_exif, {}):
        photo = open_photo(encoded(plain(RED), comment=b"at home", **options), LIMIT).image
        assert b"at home" not in encoded(photo)


def test_an_orientation_that_does_not_exist_is_ignored():
    exif = Image.Exif()
    exif[ORIENTATION] = 42
    assert open_photo(encoded(plain(RED), exif=exif), LIMIT).image.size == (80, 60)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_photos_become_grey_rgb(mode):
    photo = open_photo(encoded(Image.new(mode, (8, 8), 1 if mode == "1" else 90), "PNG"), LIMIT).image
    assert colour_at(photo, (3, 3)) == ((255,) * 3 if mode == "1" else (90,) * 3)


def test_grey_of_16_bits_is_scaled_and_not_clipped():
    grey = np.array([[0, 257 * 100, 30000, 65535]], np.uint16)
    photo = open_photo(encoded(Image.fromarray(grey), "PNG"), LIMIT).image
    assert [colour_at(photo, (x, 0))[0] for x in range(4)] == [0, 100, 117, 255]


def test_cmyk_photos_keep_their_colours():
    photo = open_photo(encoded(plain(RED).convert("CMYK")), LIMIT).image
    np.testing.assert_allclose(colour_at(photo, (40, 30)), RED, atol=12)


def test_palette_photos_keep_their_colours():
    image = plain(BLUE).quantize(4)
    assert colour_at(open_photo(encoded(image, "PNG"), LIMIT).image, (5, 5)) == BLUE


def half_transparent(mode: str) -> Image.Image:
    image = Image.new("RGBA", (8, 8), (*BLUE, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 8))
    return image.convert(mode) if mode != "P" else image.quantize(4)


@pytest.mark.parametrize(("mode", "kind"), [("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "WEBP")])
def test_transparent_parts_become_white(mode, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    photo = open_photo(encoded(half_transparent(mode), kind, **options), LIMIT).image
    assert colour_at(photo, (6, 4)) == WHITE
    assert colour_at(photo, (1, 4)) != WHITE


def test_a_colour_that_png_declares_transparent_becomes_white():
    image = plain(RED)
    image.paste(BLUE, (0, 0, 10, 10))
    photo = open_photo(encoded(image, "PNG", transparency=RED), LIMIT).image
    assert colour_at(photo, (40, 40)) == WHITE
    assert colour_at(photo, (5, 5)) == BLUE


def test_a_half_transparent_colour_is_mixed_with_white():
    photo = open_photo(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG"), LIMIT).image
    assert colour_at(photo, (1, 1)) == (127, 127, 127)


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "AVIF", "HEIF"])
def test_an_animation_is_its_first_frame(kind):
    data = encoded(plain(RED), kind, save_all=True, append_images=[plain(BLUE)])
    np.testing.assert_allclose(colour_at(open_photo(data, LIMIT).image, (5, 5)), RED, atol=6)


@pytest.mark.parametrize(("orientation", "size"), [(1, (401, 300)), (6, (300, 401))])
def test_a_big_jpeg_is_decoded_no_larger_than_needed_and_keeps_its_own_size_in_mind(orientation, size):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    photo = open_photo(encoded(noise((401, 300)), exif=exif), LIMIT, sufficient_side=70)
    assert (photo.width, photo.height) == size
    assert sorted(photo.image.size) == [75, 101]
    assert sorted(open_photo(encoded(noise((401, 300))), LIMIT, sufficient_side=151).image.size) == [300, 401]


def test_an_empty_file_is_called_empty():
    assert refusal(b"").code == "empty_file"


@pytest.mark.parametrize(
    ("data", "came"),
    [
        (encoded(plain(RED), "BMP"), "a BMP"),
        (encoded(plain(RED), "TIFF"), "a TIFF or a camera's raw photo"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0qt  ", "a video"),
        (b"<!doctype html>", "a web page or a drawing"),
        (b"Dear dog,", "in an unknown format"),
    ],
)
def test_what_is_no_such_photo_is_named(data, came):
    error = refusal(data)
    assert error.code == "unsupported_image"
    assert f"This file is {came}, not a JPEG, PNG, WebP, GIF, AVIF or HEIC photo. Save it as JPEG" in error.detail


def test_a_photo_at_the_limit_is_read_and_one_above_is_refused():
    data = encoded(plain(RED, (40, 50)))
    assert open_photo(data, 2000).image.size == (40, 50)
    error = refusal(data, 1999)
    assert error.code == "too_many_pixels"
    assert "40 x 50 pixels" in error.detail


def test_a_bomb_is_refused_from_its_header():
    # There are no pixels behind this header: decoding, had it begun, would have found the file broken.
    assert refusal(png_claiming(20_000, 10_000)).code == "too_many_pixels"


def test_a_webp_that_claims_too_many_pixels_is_refused_from_its_header():
    size = struct.pack("<I", 16382)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size + size
    assert refusal(b"RIFF" + struct.pack("<I", len(body)) + body).code == "too_many_pixels"


WHOLE = {
    "JPEG": encoded(noise()),
    "progressive": encoded(noise(), progressive=True),
    "PNG": encoded(noise(), "PNG"),
    "WEBP": encoded(noise(), "WEBP"),
    "GIF": encoded(noise(), "GIF"),
    "AVIF": encoded(noise(), "AVIF"),
    "HEIF": encoded(noise(), "HEIF"),
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("part", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_photo_that_is_cut_off_is_refused(kind, part):
    error = refusal(WHOLE[kind][: max(12, int(len(WHOLE[kind]) * part))])
    assert error.code == "broken_image"
    assert "damaged or cut off" in error.detail


@given(kind=st.sampled_from(sorted(WHOLE)), part=st.floats(0, 1))
def test_a_photo_cut_anywhere_is_refused_or_has_all_its_pixels(kind, part):
    whole = WHOLE[kind]
    try:
        photo = open_photo(whole[: int(len(whole) * part)], LIMIT).image
    except PhotoError:
        return
    assert photo.tobytes() == open_photo(whole, LIMIT).image.tobytes()


@given(
    kind=st.sampled_from(sorted(WHOLE)), changes=st.dictionaries(st.floats(0, 0.999), st.integers(0, 255), max_size=9)
)
def test_damaged_bytes_give_a_photo_or_a_photo_error(kind, changes):
    data = bytearray(WHOLE[kind])
    for where, byte in changes.items():
        data[int(len(data) * where)] = byte
    try:
        photo = open_photo(bytes(data), LIMIT).image
    except PhotoError:
        return
    assert photo.mode == "RGB"


@given(start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBP"]), rest=st.binary())
def test_arbitrary_bytes_give_a_photo_error(start, rest):
    with suppress(PhotoError):  # any other error fails
        assert open_photo(start + rest, 10_000).image.mode == "RGB"
