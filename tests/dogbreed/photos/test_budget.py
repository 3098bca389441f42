"""No file may cost far more than its pixels explain, and every photo that a camera or a program writes is within."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dogbreed.photos.coded_frames import av1_frames
from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.iso_boxes import Boxes
from tests.image_files import BLUE, RED, encoded, noise, plain
from trainer.benchmarks.hostile_items import Item, item_file, media_of
from trainer.benchmarks.hostile_photos import (
    MAKERS,
    big_directory,
    chunk,
    in_jpeg,
    in_png,
    jpeg_of_scans,
    photo,
    segment,
    with_chunks,
)

LIMIT = 80_000_000
# These are as long as an upload may be, and cost no more than a photo.
OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 100}, "WEBP": {"lossless": True}}
HARMLESS = {"JPEG: long segments", "JPEG: quantization tables", "JPEG: restarts", "WebP: EXIF"}


def refusal(data: bytes, limit: int = LIMIT) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        open_photo(data, limit)
    return caught.value


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.slow
def test_a_file_that_costs_too_much_is_refused_and_says_why(name):
    make, most = MAKERS[name]
    data = make(most)
    assert len(data) <= 20 * 2**20
    if name in HARMLESS:
        assert open_photo(data, LIMIT).image.mode == "RGB"
    else:
        error = refusal(data)
        assert error.code == "too_complex"
        assert error.detail.endswith("No camera writes such files. Save the photo again as JPEG and try again.")


def test_scans_are_counted_by_the_pixels_that_they_cover():
    assert refusal(jpeg_of_scans(300, (100, 100))).code == "too_complex"
    assert open_photo(jpeg_of_scans(40, (100, 100)), LIMIT).image.size == (100, 100)
    assert refusal(jpeg_of_scans(40, (100, 100)), 100 * 100).code == "too_complex"


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_progressive_photo_at_the_limit_of_pixels_is_read(mode, subsampling):
    data = encoded(noise((403, 301)).convert(mode), progressive=True, subsampling=subsampling)
    assert open_photo(data, 403 * 301).image.size == (403, 301)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"])
def test_a_photo_of_the_highest_quality_at_the_limit_of_pixels_is_read(kind):
    options = OPTIONS.get(kind, {})
    assert open_photo(encoded(noise((403, 301)), kind, **options), 403 * 301).image.size == (403, 301)


def test_a_photo_with_much_metadata_is_read():
    exif = Image.Exif()
    exif[0x010F] = "A camera with a long name " * 2000
    depth_map = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)) * 250
    padding = b"\xff" * 5000
    data = in_jpeg(depth_map + padding, encoded(plain(RED), exif=exif, icc_profile=bytes(200_000)))
    assert open_photo(data, LIMIT).image.size == (80, 60)


def test_a_png_in_many_small_chunks_is_read():
    whole = encoded(noise((120, 100)), "PNG")
    start = whole.index(b"IDAT") - 4
    (length,) = struct.unpack_from(">L", whole, start)
    pixels = whole[start + 8 : start + 8 + length]
    small = b"".join(chunk(b"IDAT", pixels[at : at + 8]) for at in range(0, length, 8))
    data = whole[:start] + chunk(b"tEXt", b"Software\0a program") * 50 + small + chunk(b"IEND")
    assert open_photo(data, LIMIT).image.tobytes() == noise((120, 100)).tobytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "HEIF", "PNG"])
def test_a_long_animation_is_read(kind):
    frames = [plain(RED if number % 2 else BLUE, (32, 32)) for number in range(300)]
    data = encoded(plain(RED, (32, 32)), kind, save_all=True, append_images=frames)
    assert open_photo(data, LIMIT).image.size == (32, 32)


def test_a_gif_with_long_metadata_is_read():
    xmp = b"\x21\xff\x0bXMP DataXMP" + b"x" * 100_000 + bytes(range(255, -1, -1)) + b"\0"
    whole = encoded(plain(RED), "GIF")
    start = whole.index(b"\x2c", 13 + 3 * (2 << (whole[10] & 7)))
    assert open_photo(whole[:start] + xmp + whole[start:], LIMIT).image.size == (80, 60)


@pytest.mark.parametrize(("width", "height"), [(65_535, 1), (1, 65_535)])
def test_a_very_long_photo_is_read(width, height):
    assert open_photo(encoded(Image.new("L", (width, height)), "PNG"), LIMIT).image.size == (width, height)


@pytest.mark.parametrize(("width", "height"), [(65_536, 1), (1, 65_536)])
def test_a_photo_longer_than_any_format_but_png_permits_is_refused(width, height):
    error = refusal(encoded(Image.new("L", (width, height)), "PNG"))
    assert error.code == "too_complex"
    assert f"This photo has {width} x {height} pixels; a side has at most 65,535." in error.detail


def test_damaged_metadata_that_name_the_whole_file_a_thousand_times_are_never_copied():
    directory = big_directory(60_000, 800_000)
    for data in (in_png(chunk(b"eXIf", directory)), with_chunks(b"EXIF" + struct.pack("<L", 800_000) + directory)):
        assert open_photo(data, LIMIT).image.size == (64, 64)


def test_a_grid_of_honest_tiles_is_read():
    media = media_of(photo("HEIF"))
    grid = struct.pack(">BBBBHH", 0, 0, 0, 2, 192, 64)
    tiles = [Item(number, media.kind, media.data, (64, 64), media.configuration) for number in (2, 3, 4)]
    data = item_file(media.brand, [Item(1, b"grid", grid, (192, 64)), *tiles], [(b"dimg", 1, [2, 3, 4])])
    assert open_photo(data, 192 * 64).image.size == (192, 64)


def test_a_picture_that_hides_its_size_from_its_container_is_refused():
    media = media_of(photo("AVIF", (2400, 2400)))
    data = item_file(media.brand, [Item(1, media.kind, media.data, (64, 64), media.configuration)])
    assert refusal(data).code == "too_complex"


@pytest.mark.parametrize("size", [(64, 64), (641, 333), (5000, 17)])
def test_the_size_of_a_frame_is_read_from_its_own_header(size):
    file = BytesIO()
    plain(RED, size).save(file, "AVIF", save_all=True, append_images=[plain(BLUE, size)])
    still, animation = encoded(plain(RED, size), "AVIF"), file.getvalue()
    items = Boxes(still).items()
    for data, (start, end) in [
        (still, items.extents[items.primary][0]),
        (animation, Boxes(animation).first_samples()[0]),
    ]:
        frames = av1_frames(data[start:end])
        assert (frames.count, frames.pixels) == (1, size[0] * size[1])


def test_an_animation_whose_first_picture_has_many_frames_is_refused():
    data = bytearray(encoded(plain(RED), "AVIF", save_all=True, append_images=[plain(BLUE)] * 20))
    start = data.index(b"stsz") + 16  # the size of the first picture, which here is made to include the others
    data[start : start + 4] = struct.pack(">L", len(data) - Boxes(bytes(data)).first_samples()[0][0])
    assert refusal(bytes(data)).code == "too_complex"


def test_photos_that_are_cut_off_anywhere_are_walked_without_an_error():
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"):
        whole = encoded(noise((48, 40)), kind, exif=big_directory(3, 100)) if kind != "GIF" else encoded(noise(), kind)
        for end in np.linspace(12, len(whole), 60).astype(int):
            try:
                open_photo(whole[:end], LIMIT)
            except PhotoError as error:
                assert error.code in {"broken_image", "unsupported_image"}  # noqa: PT017 - it need not be raised
