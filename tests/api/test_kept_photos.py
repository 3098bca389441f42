"""Keeping a photo costs the server no more than answering it, and has the same limits; photos without an answer."""

import os
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
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


def store_orphans(client, keeping: Path) -> set[str]:
    """Old files: a photo with an answer, one without, an unfinished one, and others. Returns the names to delete."""
    upload(client, url=address_for_photo(client))
    orphans = {f"{uuid4()}.jpg", "tmpabc.part"}
    for name in (*orphans, "notes.txt", "a.jpg"):
        (keeping / name).write_bytes(b"x")
    for path in keeping.iterdir():
        os.utime(path, (0, 0))
    return orphans


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_photos_that_no_answer_has_are_pruned(client, keeping):
    orphans = store_orphans(client, keeping)
    for name in (f"{uuid4()}.jpg", "tmpdef.part"):  # perhaps just being stored
        (keeping / name).write_bytes(b"x")
    before, out = names_in(keeping), StringIO()
    call_command("prune", days=30, interactive=False, stdout=out)
    assert out.getvalue() == "Deleted: 2 photos that no answer has.\nDeleted: 0 stored answers.\n"
    assert names_in(keeping) == before - orphans


def test_photos_that_no_answer_has_are_pruned_by_the_timer_where_answers_are_kept_forever(client, keeping):
    orphans = store_orphans(client, keeping)
    call_command("prune", "--no-input", stdout=StringIO())
    assert not orphans & names_in(keeping)


def test_pruning_photos_asks_first(client, keeping, monkeypatch):
    orphans = store_orphans(client, keeping)
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    call_command("prune", days=30, stdout=StringIO())
    assert orphans <= names_in(keeping)
    with pytest.raises(CommandError, match="Pass --no-input"):
        call_command("prune", days=30)
