"""Keeping a photo costs the server no more than answering it, and has the same limits."""

from typing import Any

import pytest
from PIL import Image
from rest_framework.throttling import ScopedRateThrottle

from api.admission import gate
from tests.http import RED_JPEG, assert_refused, upload
from tests.image_files import RED, encoded, plain

pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture
def keeping(settings, tmp_path):
    settings.DOGBREED_KEEP_PHOTOS = True
    settings.DOGBREED_PHOTOS = tmp_path / "photos"
    return settings.DOGBREED_PHOTOS


def address_for_photo(client, data: bytes = RED_JPEG, **headers: Any) -> str:
    return f"/api/predictions/{upload(client, data, **headers).json()['id']}/photo"


@pytest.mark.usefixtures("keeping")
def test_a_full_server_keeps_no_photo(client, settings):
    address = address_for_photo(client)
    settings.DOGBREED_MAX_PENDING = 1
    gate.cache_clear()
    try:
        with gate().admitted():
            assert_refused(upload(client, url=address), 503, "busy")
        assert upload(client, url=address).status_code == 201
    finally:
        gate.cache_clear()


@pytest.mark.usefixtures("keeping")
def test_a_photo_to_keep_counts_against_the_rate_of_a_client(client, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predictions", "2/min")
    here: Any = {"REMOTE_ADDR": "192.0.2.55"}
    address = address_for_photo(client, **here)
    assert upload(client, url=address, **here).status_code == 201
    assert_refused(upload(client, url=address, **here), 429, "throttled")


def test_a_large_jpeg_is_kept_at_a_reduced_size(client, keeping):
    data = encoded(plain(RED, (4096, 3072)))
    assert upload(client, data, address_for_photo(client, data)).status_code == 201
    (path,) = keeping.iterdir()
    with Image.open(path) as kept:
        assert kept.size == (2048, 1536)
