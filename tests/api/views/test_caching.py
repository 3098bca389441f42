"""What browsers and caches may store, and how answers are compressed."""

import gzip
import json

import pytest

from api.models import Feedback, Prediction
from tests.http import ask, gunicorn, multipart, upload
from tests.image_files import encoded, noise

pytestmark = pytest.mark.usefixtures("served")


def test_a_model_that_has_not_changed_is_not_sent_again(client, settings, trusted_bundle):
    first = client.get("/api/model")
    assert first["Cache-Control"] == "no-cache"
    again = client.get("/api/model", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    settings.DOGBREED_BUNDLE = trusted_bundle
    other = client.get("/api/model", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (other.status_code, other.json()["name"]) == (200, "trusted")
    assert other["ETag"] != first["ETag"]


def test_a_stored_answer_is_sent_again_when_there_is_feedback_on_it(client):
    url = f"/api/predictions/{upload(client).json()['id']}"
    first = client.get(url)
    assert set(first["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert client.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    Feedback.objects.create(prediction=Prediction.objects.get(), breed="red_hound", right=True)
    assert client.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).json()["feedback"]["right"] is True


@pytest.mark.parametrize("url", ["/predictImage", "/api/predictions"])
def test_the_answer_to_a_photo_is_stored_by_no_cache(client, url):
    response = upload(client, url=url)
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response


def test_feedback_is_stored_by_no_cache(client):
    url = f"/api/predictions/{upload(client).json()['id']}/feedback"
    assert client.post(url, {"right": "true"})["Cache-Control"] == "no-store"


def test_answers_are_compressed_for_clients_that_can_read_that(client):
    plain = client.get("/api/model")
    assert "Content-Encoding" not in plain
    packed = client.get("/api/model", HTTP_ACCEPT_ENCODING="gzip, br")
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == f"W/{plain['ETag']}"
    again = client.get("/api/model", HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=packed["ETag"])
    assert again.status_code == 304


def test_the_length_of_a_compressed_answer_reveals_nothing(client):
    """BREACH: random padding makes the same answer come in different lengths."""
    answers = [client.get("/api/model", HTTP_ACCEPT_ENCODING="gzip").content for _ in range(50)]
    assert len({gzip.decompress(answer) for answer in answers}) == 1
    assert len({len(answer) for answer in answers}) > 1


@pytest.mark.slow
def test_a_server_alone_compresses_the_answer_to_a_photo(settings, tmp_path):
    body, headers = multipart(encoded(noise()))
    with gunicorn(settings.BASE_DIR / "models" / "default", tmp_path) as server:
        plain = ask(server.port, "POST", "/predictImage", body, headers)
        packed = ask(server.port, "POST", "/predictImage", body, headers | {"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 2
    assert json.loads(gzip.decompress(packed.body))["breed"] == plain.json["breed"]
