import numpy as np
import pytest
from PIL import Image

from dogbreed.photos.preprocessing import to_input
from tests.conftest import tiny_config
from tests.image_files import BLUE, GREEN, RED, noise, plain


@pytest.mark.parametrize("crop_mode", ["squash", "center"])
@pytest.mark.parametrize("size", [(32, 32), (300, 200), (200, 300), (5, 7), (1, 1), (1, 900)])
def test_every_photo_becomes_an_input_of_the_right_shape(crop_mode, size):
    array = to_input(noise(size), tiny_config(crop_mode=crop_mode, crop_pct=0.875, input_size=(3, 32, 48)))
    assert array.shape == (3, 32, 48)
    assert array.dtype == np.float32
    assert array.flags.c_contiguous


def test_a_very_long_photo_is_framed_in_the_middle_without_growing():
    photo = Image.new("RGB", (60_000, 2), RED)
    photo.paste(GREEN, (29_990, 0, 30_010, 2))
    array = to_input(photo, tiny_config(crop_mode="center"))
    np.testing.assert_allclose(array[:, 16, 16], np.array(GREEN) / 127.5 - 1, atol=1e-6)


def test_squash_shows_the_edges_and_center_cuts_them_off():
    photo = plain(GREEN, (90, 30))
    photo.paste(RED, (0, 0, 20, 30))
    photo.paste(BLUE, (70, 0, 90, 30))
    squashed = to_input(photo, tiny_config(crop_mode="squash"))
    centred = to_input(photo, tiny_config(crop_mode="center"))
    np.testing.assert_allclose(squashed[:, 16, 0], np.array(RED) / 127.5 - 1, atol=1e-6)
    np.testing.assert_allclose(squashed[:, 16, -1], np.array(BLUE) / 127.5 - 1, atol=1e-6)
    np.testing.assert_allclose(centred[:, 16, :], np.tile(np.array(GREEN)[:, None] / 127.5 - 1, 32), atol=1e-6)


@pytest.mark.parametrize("crop_mode", ["squash", "center"])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_framing_equals_resizing_the_whole_photo_and_cropping_it(crop_mode, interpolation):
    config = tiny_config(
        crop_mode=crop_mode, interpolation=interpolation, crop_pct=0.5, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4)
    )
    photo = noise((200, 100))
    size = (64, 64) if crop_mode == "squash" else (128, 64)
    left = (size[0] - 32) // 2
    resized = photo.resize(size, Image.Resampling[interpolation.upper()]).crop((left, 16, left + 32, 48))
    expected = (np.asarray(resized) / 255 - config.mean) / config.std
    np.testing.assert_allclose(to_input(photo, config), expected.transpose(2, 0, 1), atol=0.025)
