"""What somebody sees who opens the API's addresses in a browser, or asks for something else than a prediction."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.core.checks import run_checks

from tests.http import upload

pytestmark = pytest.mark.usefixtures("served")
BROWSER: dict[str, Any] = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.usefixtures("served")
def test_the_root_lists_the_addresses(client):
    addresses = client.get("/api/").json()
    assert list(addresses) == ["predictImage", "model", "stats", "health", "schema", "docs"]
    for address in addresses.values():
        assert client.get(address.removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize("url", ["/predictImage", "/api/predictImage"])
def test_a_browser_gets_a_form_for_a_photo(client, url):
    page = client.get(url, **BROWSER).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page
    assert 'name="image"' in page


def test_a_photo_posted_by_a_browser_shows_its_breed(client):
    response = upload(client, url="/api/predictImage", **BROWSER)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    assert "Red Hound" in response.content.decode()


def test_a_refusal_is_shown_to_a_browser_too(client):
    response = upload(client, b"no photo", "/api/predictImage", **BROWSER)
    assert response.status_code == 415
    assert "unsupported_image" in response.content.decode()


def test_the_pages_of_the_api_load_nothing_from_elsewhere(client):
    for url in ("/api/", "/api/predictImage", "/api/docs/"):
        page = client.get(url, **BROWSER).content.decode()
        assert "//cdn" not in page
        assert 'src="http' not in page


@pytest.mark.parametrize(
    "name", ["rest_framework/css/bootstrap.min.css", "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"]
)
def test_static_files_are_served_without_collecting_them(client, name):
    response = client.get(f"/static/{name}")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
    response.close()


def test_the_model_says_what_it_knows_and_how_well(client):
    model = client.get("/api/model").json()
    assert (model["name"], model["version"], model["input_size"]) == ("tiny", "1.0", [3, 32, 32])
    assert model["breeds"][2] == {"breed": "red_hound", "name": "Red Hound", "group": "", "aliases": []}
    assert model["metrics"]["made-up"]["top1"] == 0.9
    assert (model["card"], model["report"]) == ("", None)
    assert client.get("/api/model/report").json()["code"] == "not_found"
    assert client.get("/api/model/").json() == model


def test_the_model_that_comes_along_has_its_card_and_its_breeds_have_groups(client, settings):
    settings.DOGBREED_BUNDLE = settings.BASE_DIR / "models" / "default"
    model = client.get("/api/model").json()
    assert model["card"].startswith("# ")
    report = client.get(model["report"])
    assert report["Content-Type"].startswith("text/html")
    assert b"<title>" in b"".join(report.streaming_content)
    assert next(breed for breed in model["breeds"] if breed["breed"] == "affenpinscher") == {
        "breed": "affenpinscher", "name": "Affenpinscher", "group": "toy", "aliases": ["Monkey Terrier"]
    }  # fmt: skip


@pytest.mark.parametrize("url", ["/history", "/model", "/answers/c0396453-142f-4f2e-ab0c-94231707f9d3"])
def test_the_pages_other_addresses_lead_to_the_page(client, settings, tmp_path, url):
    settings.FRONTEND_DIST = tmp_path
    assert b"npm run build" in client.get(url).content
    (tmp_path / "index.html").write_text("<title>Dogbreed</title>")
    response = client.get(url)
    assert b"".join(response.streaming_content) == b"<title>Dogbreed</title>"
    assert response["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("url", ["/api/model", "/api/model/report"])
def test_without_a_model_there_is_nothing_to_say_about_it(client, settings, tmp_path, url):
    settings.DOGBREED_BUNDLE = tmp_path
    response = client.get(url)
    assert (response.status_code, response.json()["code"]) == (503, "model_unavailable")
    assert response["Retry-After"] == "60"


@pytest.mark.parametrize("url", ["/api", "/api/nothing", "/api/model/breeds", "/api/predictImage/x/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_leads_nowhere_says_so(client, url, method):
    response = getattr(client, method)(url)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_host_that_is_not_allowed_is_refused(client):
    response = client.get("/api/", HTTP_HOST="evil.example")
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


@pytest.mark.skipif(Path(project_settings.FRONTEND_DIST).is_dir(), reason="the page is built")
def test_the_site_says_how_to_build_its_page(client):
    page = client.get("/").content.decode()
    assert "npm run build" in page
    assert 'href="/api/"' in page


def test_a_missing_bundle_is_a_warning_with_a_hint(settings, tmp_path):
    assert run_checks() == []
    settings.DOGBREED_BUNDLE = tmp_path / "nowhere"
    (warning,) = run_checks()
    assert warning.id == "dogbreed.W001"
    assert "no such folder" in warning.msg
    assert warning.hint is not None
    assert "DOGBREED_BUNDLE" in warning.hint
    assert not warning.is_serious()
