"""What somebody sees who opens the API's addresses in a browser, or asks for something else than a prediction."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings

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


@pytest.mark.parametrize("url", ["/history", "/model", "/answers/c0396453-142f-4f2e-ab0c-94231707f9d3"])
def test_the_pages_other_addresses_lead_to_the_page(client, settings, tmp_path, url):
    settings.FRONTEND_DIST = tmp_path
    assert b"npm run build" in client.get(url).content
    (tmp_path / "index.html").write_text("<title>Dogbreed</title>")
    response = client.get(url)
    assert b"".join(response.streaming_content) == b"<title>Dogbreed</title>"
    assert response["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "url", ["/api", "/api/model", "/api/stats", "/api/health/live", "/api/health/ready", "/api/schema", "/predictImage"]
)
def test_an_address_is_the_same_with_a_slash_at_its_end(client, url):
    with_slash, without = client.get(f"{url}/"), client.get(url)
    assert (with_slash.status_code, without.status_code) == (200, 200)
    assert with_slash.content == without.content


def test_the_addresses_of_an_answer_are_the_same_with_a_slash_too(client):
    url = f"/api/predictions/{upload(client, url='/api/predictions/').json()['answers'][0]['id']}"
    assert client.get(f"{url}/").json() == client.get(url).json()
    assert client.post(f"{url}/feedback/", {"right": "true"}).status_code == 201
    assert upload(client, url=f"{url}/photo/").json()["code"] == "photos_not_kept"
    assert client.get("/api/model/report/").json()["code"] == "not_found"
    assert client.get("/metrics/").status_code == 200


@pytest.mark.parametrize("url", ["/api/docs", "/api/docs/"])
def test_the_documentation_finds_its_script_and_the_schema(client, url):
    script = re.search(r'<script src="([^"]+script[^"]*)"', client.get(url, **BROWSER).content.decode())
    assert script
    answer = client.get(script[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert b"/api/schema/" in answer.content


@pytest.mark.parametrize("url", ["/api/nothing", "/api/nothing/", "/api/model/breeds", "/api/predictImage/x/"])
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
