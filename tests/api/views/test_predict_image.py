from base64 import b64decode
from io import BytesIO
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from api.admission import gate
from api.models import Prediction
from dogbreed.model.file_digests import digest_of_bundle
from tests.http import RED_JPEG, assert_refused, upload
from tests.image_files import BLUE, GREEN, RED, encoded, noise, plain, png_bomb

URLS = ["/predictImage", "/predictImage/", "/api/predictImage", "/api/predictImage/"]

pytestmark = pytest.mark.usefixtures("served")


@pytest.mark.parametrize("url", URLS)
def test_a_photo_is_answered_at_each_address(client, url):
    response = upload(client, RED_JPEG, url)
    assert response.status_code == 200
    assert response.json()["breed"] == "red_hound"


def test_the_answer_has_the_promised_shape(client, served):
    answer = upload(client, encoded(plain(GREEN))).json()
    assert list(answer) == [
        "id", "prediction", "breed", "name", "probability", "probabilities",
        "verdict", "shortlist", "look_alikes", "explanation", "model", "elapsed_ms", "advice", "stored", "secret",
    ]  # fmt: skip
    assert UUID(answer["id"]).version == 4
    assert (answer["prediction"], answer["breed"], answer["name"]) == (1, "green_hound", "Green Hound")
    assert answer["probabilities"][0] == {key: answer[key] for key in ("breed", "name", "probability")}
    assert sum(line["probability"] for line in answer["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert answer["model"] == {"name": "tiny", "version": "1.0", "digest": digest_of_bundle(served)}
    assert 0 < answer["elapsed_ms"] < 10_000


def test_every_answer_has_an_id_of_its_own(client):
    assert upload(client, RED_JPEG).json()["id"] != upload(client, RED_JPEG).json()["id"]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF", "HEIF"])
def test_other_formats_are_read_whatever_the_name_of_the_file(client, kind):
    assert upload(client, encoded(plain(BLUE), kind)).json()["breed"] == "blue_hound"


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("form", [{}, {"photo": "x"}, {"image": ""}, {"image": "dog.jpg"}])
def test_a_form_without_a_photo_is_refused(client, url, form):
    assert "multipart field 'image'" in assert_refused(client.post(url, form), 400, "no_image")


def test_a_photo_in_another_field_is_refused(client):
    assert_refused(client.post("/predictImage", {"file": SimpleUploadedFile("a.jpg", RED_JPEG)}), 400, "no_image")


def test_a_request_without_a_body_is_refused(client):
    assert_refused(client.generic("POST", "/predictImage"), 400, "no_image")


def test_an_empty_file_is_refused(client):
    assert_refused(upload(client, b""), 400, "empty_file")


@pytest.mark.parametrize("data", [b"I am no photo.", encoded(plain(RED), "TIFF"), b"<svg/>", b"\0" * 100])
def test_what_is_no_photo_is_refused(client, data):
    detail = assert_refused(upload(client, data), 415, "unsupported_image")
    assert "not a JPEG, PNG, WebP, GIF, AVIF or HEIC photo" in detail


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_a_photo_that_is_cut_off_is_refused(client, part):
    whole = encoded(noise())
    assert_refused(upload(client, whole[: int(len(whole) * part)]), 400, "broken_image")


def test_a_photo_of_200_megapixels_is_refused(client):
    detail = assert_refused(upload(client, png_bomb(20_000, 10_000)), 413, "too_many_pixels")
    assert "at most 80 megapixels" in detail
    assert "20000 x 10000" in detail


def test_the_pixel_limit_is_a_setting(client, settings):
    settings.DOGBREED_MAX_PIXELS = 100
    assert_refused(upload(client, RED_JPEG), 413, "too_many_pixels")


def test_a_file_one_byte_over_the_limit_is_refused(client, settings):
    settings.DOGBREED_MAX_UPLOAD_BYTES = len(RED_JPEG)
    assert upload(client, RED_JPEG).status_code == 200
    settings.DOGBREED_MAX_UPLOAD_BYTES = len(RED_JPEG) - 1
    assert_refused(upload(client, RED_JPEG), 413, "file_too_large")


def test_a_body_over_the_limit_is_refused_before_it_is_read(client, settings):
    settings.DOGBREED_MAX_UPLOAD_BYTES = 1_000_000
    # There is no form in it: had it been read, that would have been the complaint.
    response = client.generic("POST", "/predictImage", bytes(5_000_000), "multipart/form-data; boundary=b")
    assert "at most 0.954 MB, but 4.77 MB were sent" in assert_refused(response, 413, "file_too_large")


def test_a_very_long_text_in_place_of_the_photo_is_refused(client):
    assert_refused(client.post("/predictImage", {"image": "x" * 3_000_000}), 400, "no_image")


def test_a_form_with_far_too_many_fields_is_refused(client):
    assert_refused(client.post("/predictImage", {f"field{i}": "x" for i in range(2000)}), 400, "parse_error")


@pytest.mark.parametrize("length", ["", "0", "-1", "abc"])
def test_a_length_that_makes_no_sense_is_not_a_crash(client, length):
    response = client.generic("POST", "/predictImage", b"x", "multipart/form-data; boundary=b", CONTENT_LENGTH=length)
    assert response.status_code == 400


def test_a_chunked_upload_is_asked_for_its_length(client):
    assert_refused(client.generic("POST", "/predictImage", HTTP_TRANSFER_ENCODING="chunked"), 411, "length_required")


@pytest.mark.parametrize("body", [b"", b"--b\r\n", b"nothing of the kind", b"--b\r\nContent-Disposition: form-data"])
def test_a_broken_form_is_refused(client, body):
    response = client.generic("POST", "/predictImage", body, "multipart/form-data; boundary=b")
    assert response.status_code == 400
    assert response.json()["code"] in ("no_image", "parse_error")


def test_a_form_without_a_boundary_is_refused(client):
    assert_refused(client.generic("POST", "/predictImage", b"x", "multipart/form-data"), 400, "parse_error")


@pytest.mark.parametrize("kind", ["application/json", "image/jpeg", "text/plain"])
def test_what_is_no_form_is_refused(client, kind):
    assert_refused(client.generic("POST", "/predictImage", RED_JPEG, kind), 415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, method):
    assert_refused(getattr(client, method)("/predictImage"), 405, "method_not_allowed")


def test_a_client_that_reads_nothing_we_write_is_refused(client):
    assert_refused(upload(client, RED_JPEG, HTTP_ACCEPT="image/png"), 406, "not_acceptable")


@pytest.mark.parametrize("missing", ["no such folder", "broken"])
def test_without_a_model_the_server_says_when_to_come_back(client, settings, bundle_copy, missing):
    settings.DOGBREED_BUNDLE = bundle_copy if missing == "broken" else bundle_copy / "nowhere"
    (bundle_copy / "model.onnx").write_bytes(b"broken")
    response = upload(client, RED_JPEG)
    detail = assert_refused(response, 503, "model_unavailable")
    assert int(response["Retry-After"]) > 0
    assert str(bundle_copy) not in detail


def test_get_says_what_may_be_posted(client):
    answer = client.get("/predictImage").json()
    assert answer["max_bytes"] == 20 * 1024 * 1024
    assert "image/jpeg" in answer["accepts"]
    assert answer["formats"][0] == {"name": "JPEG", "media_types": ["image/jpeg"], "extensions": [".jpg", ".jpeg"]}
    assert [kind for known in answer["formats"] for kind in known["media_types"]] == answer["accepts"]


def test_other_sites_may_ask_only_where_the_settings_name_them(client, settings):
    origin = {"HTTP_ORIGIN": "https://dogs.example"}
    assert "Access-Control-Allow-Origin" not in upload(client, RED_JPEG, **origin)
    settings.CORS_ALLOWED_ORIGINS = ["https://dogs.example"]
    assert upload(client, RED_JPEG, **origin)["Access-Control-Allow-Origin"] == "https://dogs.example"
    assert upload(client, b"", **origin)["Access-Control-Allow-Origin"] == "https://dogs.example"


@pytest.mark.slow
def test_a_preview_is_sent_along_where_it_is_asked_for(client):
    answer = upload(client, encoded(plain(BLUE, (3000, 1500)), "HEIF"), "/predictImage?preview=true").json()
    kind, data = answer["preview"].split(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(BytesIO(b64decode(data))) as small:
        assert (small.format, small.size) == ("JPEG", (1024, 512))
        assert small.getpixel((10, 10)) == pytest.approx(BLUE, abs=3)
    assert "preview" not in upload(client, RED_JPEG, "/predictImage?preview=false").json()


def test_an_option_that_is_neither_true_nor_false_is_refused(client):
    assert "'preview'" in assert_refused(upload(client, RED_JPEG, "/predictImage?preview=small"), 400, "bad_option")


def test_advice_is_given_on_request_where_the_answer_is_not_certain(client, served_trusted):
    photo = noise((400, 400)).convert("L").convert("RGB")  # grey: no dog
    photo.paste((220, 0, 0), (300, 300, 400, 400))
    data = encoded(photo, "PNG")
    assert upload(client, data).json()["advice"] is None
    answer = upload(client, data, "/predictImage?advise=true").json()
    assert answer["verdict"]["kind"] == "not_a_dog"
    assert answer["advice"]["code"] == "closer"
    left, top, right, bottom = answer["advice"]["frame"]
    assert left <= 0.75 < right
    assert top <= 0.75 < bottom
    stored = client.get(f"/api/predictions/{answer['id']}").json()
    assert "advice" not in stored


def test_advice_comes_without_an_answer_too(client, served_trusted):
    photo = noise((400, 400)).convert("L").convert("RGB")
    photo.paste((220, 0, 0), (300, 300, 400, 400))
    data = encoded(photo, "PNG")
    with_answer = upload(client, data, "/predictImage?advise=true").json()["advice"]
    response = upload(client, data, "/api/advice")
    assert response.json() == {"advice": with_answer}
    assert response["Cache-Control"] == "no-store"
    assert Prediction.objects.count() == 1
    assert upload(client, RED_JPEG, "/api/advice").json() == {"advice": None}
    assert_refused(upload(client, b"no photo", "/api/advice"), 415, "unsupported_image")
    with gate().admitted():
        assert_refused(upload(client, data, "/api/advice"), 503, "busy")


def test_a_certain_answer_gets_no_advice(client, served_trusted):
    assert upload(client, RED_JPEG, "/predictImage?advise=true").json()["advice"] is None


def test_nobody_waits_for_the_advice_of_another(client, served_trusted):
    data = encoded(noise((400, 400)).convert("L").convert("RGB").point(lambda value: value // 10), "PNG")
    assert upload(client, data, "/predictImage?advise=true").json()["advice"] == {"code": "brighter", "frame": None}
    with gate().admitted():
        assert upload(client, data, "/predictImage?advise=true").json()["advice"] is None
