"""Photos of breeds that the operator provides, in the layout of `manage.py collect`."""

import csv
import logging
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from PIL import Image

from tests.image_files import BLUE, GREEN, RED, encoded, noise, plain
from trainer.collecting.records import Outcome, write_lists
from trainer.collecting.sources import Candidate

pytestmark = pytest.mark.usefixtures("served")
URL = "/api/breeds/red_hound/photos"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
PAGE = "https://commons.wikimedia.org/wiki/File:Rex.jpg"


@pytest.fixture
def gallery(settings: Any, tmp_path: Path) -> Path:
    settings.DOGBREED_GALLERY = tmp_path / "gallery"
    (tmp_path / "gallery" / "red_hound").mkdir(parents=True)
    return tmp_path / "gallery"


def listed(path: str, **changes: str) -> dict[str, str]:
    right = {"breed": "red_hound", "licence": "CC BY-SA 4.0", "licence_url": BY_SA, "author": "Ann", "page": PAGE}
    return {"path": path} | right | changes


def write_manifest(gallery: Path, *rows: dict[str, str]) -> None:
    with (gallery / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed("")))
        writer.writeheader()
        writer.writerows(rows)


def photo(gallery: Path, name: str, data: bytes) -> str:
    (gallery / "red_hound" / name).write_bytes(data)
    return f"red_hound/{name}"


def test_photos_that_were_collected_are_shown_with_their_authors_and_licences(client, gallery):
    candidate = Candidate("https://example.org/rex.jpg", "urls", "CC BY-SA 4.0", BY_SA, "Ann", "Rex", PAGE)
    path = photo(gallery, "urls-1.jpg", encoded(noise((1600, 1200))))
    write_lists(gallery, [Outcome("red_hound", candidate, "kept", path=path)], {})
    answer = client.get(URL).json()
    (shown,) = answer["photos"]
    assert (answer["breed"], answer["name"]) == ("red_hound", "Red Hound")
    small = client.get(shown["url"])
    assert small["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(small.content)).size == (480, 360)
    assert {key: value for key, value in shown.items() if key != "url"} == {
        "width": 480, "height": 360, "author": "Ann", "licence": "CC BY-SA 4.0", "licence_url": BY_SA,
        "source_url": PAGE,
    }  # fmt: skip
    breeds = {breed["breed"]: breed["photos"] for breed in client.get("/api/model").json()["breeds"]}
    assert breeds == {"blue_hound": None, "green_hound": None, "red_hound": URL}


def test_without_a_gallery_no_breed_has_photos(client):
    assert {breed["photos"] for breed in client.get("/api/model").json()["breeds"]} == {None}
    assert (client.get(URL).status_code, client.get(f"{URL}/0123.jpg").status_code) == (404, 404)


def test_at_most_six_are_shown_in_the_order_of_the_manifest(client, gallery):
    paths = [photo(gallery, f"{number}.jpg", encoded(plain((number * 20, 0, 0)))) for number in range(9)]
    write_manifest(gallery, *(listed(path, author=path) for path in reversed(paths)))
    assert [shown["author"] for shown in client.get(URL).json()["photos"]] == paths[:2:-1]


@pytest.mark.parametrize(
    "changes",
    [{"licence": ""}, {"licence": "unknown"}, {"author": " "}, {"path": ""}, {"path": "."}],
    ids=repr,
)
def test_a_photo_without_licence_author_or_path_is_not_shown(client, gallery, changes):
    write_manifest(gallery, listed(photo(gallery, "a.jpg", encoded(plain(RED)))) | changes)
    assert client.get(URL).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["../secret.jpg", "red_hound/../../secret.jpg", "{root}/secret.jpg", "red_hound/link.jpg", "linked/secret.jpg",
     "red_hound", "red_hound/no\0where.jpg", "red_hound/" + "x" * 5000, "manifest.csv"],
)  # fmt: skip
def test_only_photos_below_the_folder_are_shown(client, gallery, path):
    secret = gallery.parent / "secret.jpg"
    secret.write_bytes(encoded(plain(BLUE)))
    (gallery / "red_hound" / "link.jpg").symlink_to(secret)
    (gallery / "linked").symlink_to(gallery.parent)
    right = photo(gallery, "right.jpg", encoded(plain(RED)))
    path = path.format(root=gallery.parent)
    if "\0" in path:  # the csv module writes none
        write_manifest(gallery, listed("?"), listed(right, author="Right"))
        manifest = gallery / "manifest.csv"
        manifest.write_bytes(manifest.read_bytes().replace(b"?", path.encode()))
    else:
        write_manifest(gallery, listed(path), listed(right, author="Right"))
    answer = client.get(URL)
    assert answer.status_code == 404 or [shown["author"] for shown in answer.json()["photos"]] == ["Right"]


def test_a_link_that_could_run_a_script_is_left_out(client, gallery):
    path = photo(gallery, "a.jpg", encoded(plain(RED)))
    write_manifest(gallery, listed(path, page="javascript:alert(1)", licence_url="data:text/html,hello"))
    (shown,) = client.get(URL).json()["photos"]
    assert (shown["source_url"], shown["licence_url"]) == (None, None)


def test_a_broken_or_missing_file_is_skipped_and_logged_once(client, gallery, caplog):
    cut = encoded(noise())[:500]
    paths = [photo(gallery, "cut.jpg", cut), photo(gallery, "text.jpg", b"hello"), "red_hound/gone.jpg"]
    write_manifest(gallery, *map(listed, paths), listed(photo(gallery, "a.png", encoded(plain(GREEN), "PNG"))))
    with caplog.at_level(logging.WARNING):
        assert len(client.get(URL).json()["photos"]) == 1
        assert len(client.get(URL).json()["photos"]) == 1
    logged = [record.getMessage() for record in caplog.records if record.name == "api.small_copies"]
    assert len(logged) == 3
    for name, message in zip(("cut.jpg", "text.jpg", "gone.jpg"), logged, strict=True):
        assert name in message


def test_a_photo_that_cleaning_converted_to_jpeg_is_found(client, gallery):
    photo(gallery, "a.jpg", encoded(plain(RED)))
    write_manifest(gallery, listed("red_hound/a.png"))
    assert len(client.get(URL).json()["photos"]) == 1


def test_small_copies_are_upright_and_say_nothing_about_place_and_time(client, gallery):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010E] = "at home"
    path = photo(gallery, "a.jpg", encoded(plain(RED, (80, 60)), exif=exif, comment=b"at home"))
    write_manifest(gallery, listed(path))
    (shown,) = client.get(URL).json()["photos"]
    data = client.get(shown["url"]).content
    assert (shown["width"], shown["height"]) == Image.open(BytesIO(data)).size == (60, 80)
    assert b"at home" not in data
    assert not Image.open(BytesIO(data)).getexif()


def test_caches_keep_a_photo_for_ever_and_ask_for_the_list(client, gallery):
    path = photo(gallery, "a.jpg", encoded(plain(RED)))
    write_manifest(gallery, listed(path))
    first = client.get(URL)
    url = first.json()["photos"][0]["url"]
    small = client.get(url, HTTP_ACCEPT="image/webp")
    assert small["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(url, HTTP_IF_NONE_MATCH=small["ETag"]).status_code == 304
    assert first["Cache-Control"] == "no-cache"
    assert client.get(URL, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304

    (gallery / path).write_bytes(encoded(plain(BLUE, (90, 60))))
    other = client.get(URL, HTTP_IF_NONE_MATCH=first["ETag"]).json()["photos"][0]["url"]
    assert other != url
    gone = client.get(url)
    assert (gone.status_code, gone.has_header("Cache-Control")) == (404, False)


def test_a_change_of_the_manifest_is_seen_at_once(client, gallery):
    path = photo(gallery, "a.jpg", encoded(plain(RED)))
    write_manifest(gallery, listed(path))
    assert client.get(URL).status_code == 200
    write_manifest(gallery)
    assert client.get(URL).status_code == 404


@pytest.mark.parametrize("breed", ["..", "%2e%2e", "nobody", "red_hound%00", "red_hound%2f..", "<script>"])
def test_addresses_of_other_breeds_have_nothing(client, gallery, breed):
    write_manifest(gallery, listed(photo(gallery, "a.jpg", encoded(plain(RED)))))
    assert client.get(f"/api/breeds/{breed}/photos").json()["code"] == "not_found"
    assert client.get(f"/api/breeds/{breed}/photos/manifest.csv").json()["code"] == "not_found"


@pytest.mark.parametrize("content", [None, b"path,breed\n", b"\xff\xfe\x00"])
def test_a_manifest_that_cannot_be_read_is_a_warning_with_a_hint(client, gallery, content):
    if content is not None:
        (gallery / "manifest.csv").write_bytes(content)
    (warning,) = run_checks()
    assert warning.id == "dogbreed.W002"
    assert "DOGBREED_GALLERY" in str(warning.hint)
    assert client.get(URL).status_code == 404
    assert client.get("/api/model").status_code == 200
