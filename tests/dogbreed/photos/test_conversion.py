"""Pixels of any kind become RGB in strips, as if the whole photo were converted at once."""

import numpy as np
import pytest
from PIL import Image

from dogbreed.photos import conversion
from dogbreed.photos.conversion import to_rgb
from dogbreed.photos.decoding import LARGE, open_photo
from tests.image_files import encoded, noise

SIZE = (203, 101)


def of_mode(mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.random.default_rng(0).integers(0, 65536, SIZE[::-1], np.uint16))
    rgb = noise(SIZE)
    if mode in {"RGBA", "LA"}:
        rgb.putalpha(noise(SIZE).getchannel(1))
    return rgb.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("factor", [1, 2, 8])
def test_strips_give_the_pixels_of_the_whole(mode, factor, monkeypatch):
    photo = of_mode(mode)
    whole = to_rgb(photo, factor)
    monkeypatch.setattr(conversion, "STRIP_PIXELS", 2000)
    np.testing.assert_array_equal(np.asarray(to_rgb(photo, factor)), np.asarray(whole))
    assert whole.size == (-(-SIZE[0] // factor), -(-SIZE[1] // factor))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L"])
def test_the_mean_of_a_square_is_that_of_its_colours_on_white(mode):
    photo = of_mode(mode)
    expected = np.asarray(to_rgb(photo))[:96, :200].astype(float).reshape(24, 4, 50, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(np.asarray(to_rgb(photo, 4))[:24, :50], expected, atol=0.51)


def test_an_rgb_photo_is_not_copied():
    photo = noise()
    assert to_rgb(photo) is photo


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_large_photo_of_any_format_is_made_smaller_and_keeps_its_own_size_in_mind(kind):
    photo = open_photo(encoded(Image.new("RGB", (4100, 4000)), kind), LARGE + 10**6, sufficient_side=600)
    assert (photo.width, photo.height) == (4100, 4000)
    assert photo.image.size == (1025, 1000)


def test_a_photo_of_a_phones_size_in_another_format_keeps_its_pixels():
    photo = open_photo(encoded(Image.new("L", (4000, 3000)), "PNG"), LARGE, sufficient_side=600)
    assert photo.image.size == (4000, 3000)
