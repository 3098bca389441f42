"""`POST /api/predictions`: up to 16 photos in one request, as files or in base64."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.throttling import ScopedRateThrottle

from api.admission import gate
from api.models import Prediction
from tests.http import RED_JPEG, assert_refused, upload
from tests.image_files import BLUE, GREEN, RED, encoded, noise, plain, png_bomb

pytestmark = pytest.mark.usefixtures("served")

URL = "/api/predictions"
BLUE_PNG, GREEN_WEBP = encoded(plain(BLUE), "PNG"), encoded(plain(GREEN), "WEBP")


def send_files(client, *photos: bytes, query: str = "", **headers: Any):
    files = [SimpleUploadedFile(f"{number}.jpg", data) for number, data in enumerate(photos)]
    return client.post(URL + query, {"image": files}, **headers)


def send_json(client, image: Any, query: str = ""):
    return client.post(URL + query, {"image": image}, content_type="application/json")


def base64_of(data: bytes) -> str:
    return b64encode(data).decode()


def said(response) -> list[str]:
    """The breed or the error's code for each photo."""
    assert response.status_code == 200, response.content
    return [answer.get("breed") or answer["code"] for answer in response.json()["answers"]]


def test_each_photo_gets_its_answer_in_order(client):
    assert said(send_files(client, BLUE_PNG, RED_JPEG, GREEN_WEBP)) == ["blue_hound", "red_hound", "green_hound"]


def test_an_answer_is_the_same_as_of_one_photo_alone(client):
    (answer,) = send_files(client, RED_JPEG).json()["answers"]
    alone = upload(client, RED_JPEG).json()
    changing = {"id", "elapsed_ms", "secret"}
    assert {key: answer[key] for key in answer if key not in changing} == {
        key: alone[key] for key in alone if key not in changing
    }
    assert client.get(f"{URL}/{answer['id']}").json()["probabilities"] == answer["probabilities"]


def test_a_photo_that_cannot_be_read_does_not_affect_the_others(client):
    response = send_files(client, RED_JPEG, b"no photo", b"", RED_JPEG[:200], png_bomb(20_000, 10_000), BLUE_PNG)
    assert said(response) == [
        "red_hound", "unsupported_image", "empty_file", "broken_image", "too_many_pixels", "blue_hound"
    ]  # fmt: skip
    problem = response.json()["answers"][1]
    assert set(problem) == {"code", "detail"}
    assert problem["detail"].endswith(".")
    assert Prediction.objects.count() == 2


def test_sixteen_photos_are_accepted_and_seventeen_are_not(client):
    assert said(send_files(client, *[RED_JPEG] * 16)) == ["red_hound"] * 16
    assert "at most 16 photos" in assert_refused(send_files(client, *[RED_JPEG] * 17), 400, "too_many_photos")
    assert_refused(send_json(client, [base64_of(RED_JPEG)] * 17), 400, "too_many_photos")


def test_all_photos_together_may_be_as_large_as_one(client, settings):
    settings.DOGBREED_MAX_UPLOAD_BYTES = 100_000
    too_much = send_files(client, *[bytes(60_000)] * 3)
    assert "The photos of one request together" in assert_refused(too_much, 413, "file_too_large")
    assert_refused(send_json(client, base64_of(bytes(200_000))), 413, "file_too_large")


def test_all_photos_together_may_have_as_many_pixels_as_one(client, settings):
    pixels = 80 * 60
    settings.DOGBREED_MAX_PIXELS = 2 * pixels
    response = send_files(client, RED_JPEG, b"", BLUE_PNG, RED_JPEG)
    assert said(response) == ["red_hound", "empty_file", "blue_hound", "too_many_pixels"]
    assert "together" in response.json()["answers"][3]["detail"]
    larger = encoded(plain(RED, (800, 600)))
    alone, *_ = send_files(client, larger, RED_JPEG).json()["answers"]
    assert "800 x 600 pixels" in alone["detail"]


def test_a_broken_photo_counts_as_many_pixels_as_it_claims(client, settings):
    settings.DOGBREED_MAX_PIXELS = 2 * 80 * 60
    cut_off = encoded(noise())[:-100]
    assert said(send_files(client, cut_off, cut_off, RED_JPEG)) == ["broken_image", "broken_image", "too_many_pixels"]


def test_a_photo_in_json_may_be_as_large_as_a_file(client):
    large = encoded(noise((1500, 1500)), "PNG")
    assert 6_000_000 < len(large) < 8_000_000
    assert said(send_json(client, [base64_of(large), base64_of(RED_JPEG)]))[1] == "red_hound"
    assert said(send_json(client, base64_of(large)))[0].endswith("_hound")


@pytest.mark.parametrize("value", ["[]", "{}", '""', "1"])
def test_json_of_very_many_values_is_refused_before_it_is_read(client, value):
    body = f'{{"image": [{",".join([value] * 100_000)}]}}'
    assert "more than 1000" in assert_refused(
        client.post(URL, body, content_type="application/json"), 400, "parse_error"
    )


@pytest.mark.parametrize("start", ["data:image/jpeg;base64,", "data:;base64,", ""])
def test_a_photo_can_be_base64_in_json(client, start):
    assert said(send_json(client, start + base64_of(RED_JPEG))) == ["red_hound"]


def test_several_photos_can_be_base64_in_json(client):
    texts = [base64_of(BLUE_PNG), "this is not base64", "", base64_of(b"text"), f"data:x,{base64_of(RED_JPEG)}", "ü"]
    assert said(send_json(client, texts)) == [
        "blue_hound", "not_base64", "empty_file", "unsupported_image", "red_hound", "not_base64"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "3",
        "null",
        '"x"',
        '{"image": []}',
        '{"image": {}}',
        '{"image": [[]]}',
        '{"image": null}',
        '{"image": [1]}',
        '{"image": 1}',
    ],
)
def test_json_without_a_photo_is_refused(client, body):
    assert "JSON field 'image'" in assert_refused(client.post(URL, body, "application/json"), 400, "no_image")


@pytest.mark.parametrize("form", [{}, {"photo": "x"}, {"image": "dog.jpg"}, {"image": ["a", "b"]}])
def test_a_form_without_photos_is_refused(client, form):
    assert_refused(client.post(URL, form), 400, "no_image")


def test_what_is_neither_a_form_nor_json_is_refused(client):
    assert_refused(client.generic("POST", URL, RED_JPEG, "image/jpeg"), 415, "unsupported_media_type")
    assert_refused(client.post(URL, "{", "application/json"), 400, "parse_error")


def test_only_the_most_probable_breeds_are_listed_where_that_is_asked_for(client):
    (all_of_them,) = send_files(client, RED_JPEG).json()["answers"]
    (answer, problem) = send_files(client, RED_JPEG, b"", query="?top=2").json()["answers"]
    assert answer["probabilities"] == all_of_them["probabilities"][:2]
    assert answer["breed"] == "red_hound"
    assert problem["code"] == "empty_file"
    stored = f"{URL}/{answer['id']}"
    assert client.get(stored).json()["probabilities"] == all_of_them["probabilities"]
    assert client.get(f"{stored}?top=1").json()["probabilities"] == all_of_them["probabilities"][:1]
    assert len(client.get(f"{stored}?top=99").json()["probabilities"]) == 3


@pytest.mark.parametrize("top", ["0", "-1", "five", "1.5", "9" * 2000])
def test_a_number_of_breeds_that_makes_no_sense_is_refused(client, top):
    detail = assert_refused(send_files(client, RED_JPEG, query=f"?top={top}"), 400, "bad_option")
    assert "'top' must be a whole number of at least 1" in detail


def test_the_options_of_one_photo_work_for_several(client):
    answers = send_json(client, [base64_of(RED_JPEG), base64_of(BLUE_PNG)], "?preview=true").json()["answers"]
    assert all(answer["preview"].startswith("data:image/jpeg;base64,") for answer in answers)
    assert_refused(send_files(client, RED_JPEG, query="?explain=maybe"), 400, "bad_option")


def test_all_photos_of_a_request_are_admitted_as_one(client, settings):
    settings.DOGBREED_MAX_PENDING = 1
    gate.cache_clear()
    try:
        assert said(send_files(client, *[RED_JPEG] * 3)) == ["red_hound"] * 3
        with gate().admitted():
            assert_refused(send_files(client, RED_JPEG), 503, "busy")
    finally:
        gate.cache_clear()


def test_each_photo_counts_against_the_rate_of_a_client(client, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predictions", "4/min")
    here: Any = {"REMOTE_ADDR": "192.0.2.77"}
    assert said(send_files(client, RED_JPEG, RED_JPEG, RED_JPEG, **here)) == ["red_hound"] * 3
    assert upload(client, **here).status_code == 200
    assert_refused(send_files(client, RED_JPEG, **here), 429, "throttled")
    assert upload(client, REMOTE_ADDR="192.0.2.78").status_code == 200


def test_without_a_model_the_whole_request_is_refused(client, settings, tmp_path):
    settings.DOGBREED_BUNDLE = tmp_path
    assert_refused(send_files(client, RED_JPEG), 503, "model_unavailable")


def test_metrics_count_every_photo(client):
    def counted(outcome: str) -> float:
        lines = client.get("/metrics").content.decode().splitlines()
        start = f'dogbreed_predictions_total{{outcome="{outcome}"}} '
        return sum(float(line.removeprefix(start)) for line in lines if line.startswith(start))

    before = counted("answered"), counted("not_base64"), counted("no_image")
    send_json(client, [base64_of(RED_JPEG), base64_of(RED_JPEG), "?"])
    send_json(client, [])
    after = counted("answered"), counted("not_base64"), counted("no_image")
    assert [now - was for now, was in zip(after, before, strict=True)] == [2, 1, 1]


def test_answers_are_not_listed_for_everybody(client):
    upload(client)
    assert_refused(client.get(URL), 405, "method_not_allowed")
    assert json.loads(client.get(URL).content)["detail"]


def test_photos_of_one_dog_get_one_answer_too(client, served_trusted):
    response = send_files(client, RED_JPEG, RED_JPEG, b"no photo", query="?same_dog=true&top=1").json()
    dog = response["dog"]
    first, second, _ = response["answers"]
    assert dog["breed"] == "red_hound"
    assert dog["probability"] == pytest.approx(first["probability"], abs=1e-4)  # a photo sent twice counts once
    assert dog["verdict"]["kind"] == first["verdict"]["kind"]
    assert len(dog["probabilities"]) == 1
    assert [row["photo"] for row in dog["photos"]] == [0, 1]
    assert [row["weight"] for row in dog["photos"]] == [0.5, 0.5]
    assert [row["duplicate_of"] for row in dog["photos"]] == [None, 0]
    assert "id" not in dog
    assert Prediction.objects.count() == 2  # of the photos; the dog has no row of its own
    assert second["stored"] is True


def test_a_photo_of_another_dog_is_pointed_out(client, served_trusted):
    dog = send_files(client, RED_JPEG, BLUE_PNG, RED_JPEG, query="?same_dog=true").json()["dog"]
    assert dog["breed"] == "red_hound"
    assert [row["agrees"] for row in dog["photos"]] == [True, False, True]
    assert dog["photos"][1]["weight"] == 0


def test_without_the_option_or_a_readable_photo_there_is_no_dog(client):
    assert send_files(client, RED_JPEG).json()["dog"] is None
    assert send_files(client, b"no photo", query="?same_dog=true").json()["dog"] is None
    assert_refused(send_files(client, RED_JPEG, query="?same_dog=perhaps"), 400, "bad_option")


def test_one_photo_of_a_dog_is_the_dog_and_a_bundle_without_calibration_counts_all_photos_once(client):
    response = send_json(client, [base64_of(RED_JPEG)], query="?same_dog=true").json()
    assert response["dog"]["probability"] == pytest.approx(response["answers"][0]["probability"])
    assert response["dog"]["photos"][0]["without"] is None
    both = send_files(client, RED_JPEG, BLUE_PNG, query="?same_dog=true").json()["dog"]
    assert [row["weight"] for row in both["photos"]] == [0.5, 0.5]
