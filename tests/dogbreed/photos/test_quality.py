import pytest
from PIL import Image, ImageFilter

from dogbreed.answers.coach import BLURRED, DARK
from dogbreed.photos.quality import brightness, sharpness
from tests.image_files import noise, plain


@pytest.fixture
def sharp() -> Image.Image:
    return noise((40, 30)).convert("RGB").resize((400, 300), Image.Resampling.NEAREST)


@pytest.mark.parametrize("scale", [1, 3])
def test_a_blurred_photo_is_told_from_a_sharp_one_at_any_size(sharp, scale):
    large = sharp.resize((400 * scale, 300 * scale), Image.Resampling.NEAREST)
    assert sharpness(large) > BLURRED
    assert sharpness(large.filter(ImageFilter.GaussianBlur(8 * scale))) < BLURRED


def test_a_camera_that_moved_sideways_is_noticed(sharp):
    moved = sharp.resize((10, 300)).resize((400, 300), Image.Resampling.BICUBIC)
    assert sharpness(moved) < BLURRED


def test_darkness_is_measured_where_the_photo_is_brightest(sharp):
    dark = sharp.point(lambda value: value // 8)
    assert brightness(dark) < DARK < brightness(sharp)
    lamp = dark.copy()
    lamp.paste((255, 255, 255), (0, 0, 60, 300))
    assert brightness(lamp) > DARK


def test_a_plain_picture_is_no_trouble():
    assert sharpness(plain((10, 10, 10))) == 0
