"""What the server remembers of its answers, and what happens when it cannot."""

from datetime import timedelta
from hashlib import sha256
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from PIL import Image

from api.history import STORING
from api.models import Feedback, KeptPhoto, Prediction
from tests.http import RED_JPEG, assert_refused, upload
from tests.image_files import BLUE, GREEN, RED, encoded, plain

pytestmark = pytest.mark.usefixtures("served")


def ask(client, data: bytes = RED_JPEG) -> Any:
    return upload(client, data).json()


def say(client, answer: Any, secret: str = "", **said):
    url = f"/api/predictions/{answer['id']}/feedback"
    return client.post(url, said, content_type="application/json", headers={"X-Prediction-Secret": secret})


def delete(client, answer: Any, secret: str = ""):
    return client.delete(f"/api/predictions/{answer['id']}", headers={"X-Prediction-Secret": secret})


def give_photo(client, answer: Any, data: bytes = RED_JPEG):
    return upload(client, data, f"/api/predictions/{answer['id']}/photo")


def test_an_answer_can_be_asked_for_again(client):
    answer = ask(client)
    again = client.get(f"/api/predictions/{answer['id']}").json()
    assert answer.pop("stored") is True
    assert answer.pop("secret")
    assert answer.pop("advice") is None  # it is for the sender, and not stored
    assert {key: again[key] for key in answer} == answer
    assert (again["width"], again["height"]) == (80, 60)
    assert again["feedback"] is None
    assert again["photo_kept"] is False


def test_a_shared_link_shows_neither_the_secret_nor_the_digest_of_the_photo(client):
    answer = ask(client)
    shared = client.get(f"/api/predictions/{answer['id']}").content.decode()
    assert Prediction.objects.get().sha256 == sha256(RED_JPEG).hexdigest()
    assert sha256(RED_JPEG).hexdigest() not in shared
    assert answer["secret"] not in shared
    assert "secret" not in shared


def test_an_answer_that_was_never_given_is_not_found(client):
    assert_refused(client.get(f"/api/predictions/{uuid4()}"), 404, "prediction_not_found")


@pytest.mark.parametrize(
    ("said", "breed", "right"),
    [
        ({"right": True}, "red_hound", True),
        ({"right": True, "breed": ""}, "red_hound", True),
        ({"breed": "red_hound"}, "red_hound", True),
        ({"breed": "blue_hound"}, "blue_hound", False),
        ({"breed": "other"}, "other", False),
        ({"breed": "no_dog"}, "no_dog", False),
    ],
)
def test_feedback_is_remembered(client, said, breed, right):
    answer = ask(client)
    response = say(client, answer, **said)
    assert response.status_code == 201
    remembered = client.get(f"/api/predictions/{answer['id']}").json()["feedback"]
    assert (remembered["breed"], remembered["right"]) == (breed, right)


def test_a_second_opinion_of_the_sender_replaces_the_first(client):
    answer = ask(client)
    say(client, answer, right=True)
    assert say(client, answer, answer["secret"], breed="blue_hound").status_code == 200
    assert client.get(f"/api/predictions/{answer['id']}").json()["feedback"]["right"] is False


def test_nobody_else_can_change_feedback(client):
    answer, other = ask(client), ask(client)
    say(client, answer, right=True)
    for secret in ("", other["secret"], answer["secret"][:-1], f"x:{answer['secret']}", "ä"):
        assert_refused(say(client, answer, secret, breed="blue_hound"), 403, "secret_needed")
    assert client.get(f"/api/predictions/{answer['id']}").json()["feedback"]["right"] is True


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"right": False},
        {"breed": ""},
        {"breed": "hot_dog"},
        {"right": True, "breed": "blue_hound"},
        {"breed": ["a"]},
        {"right": "perhaps"},
    ],
)
def test_feedback_that_says_nothing_is_refused(client, said):
    assert "Send either" in assert_refused(say(client, ask(client), **said), 400, "bad_feedback")


@pytest.mark.parametrize("body", ["[]", '"right"', "3"])
def test_feedback_of_another_shape_is_refused(client, body):
    url = f"/api/predictions/{ask(client)['id']}/feedback"
    assert_refused(client.post(url, body, content_type="application/json"), 400, "bad_feedback")


def test_feedback_on_nothing_is_not_found(client):
    assert_refused(say(client, {"id": uuid4()}, right=True), 404, "prediction_not_found")


def test_statistics_count_breeds_and_agreement_by_confidence(client):
    sure = ask(client)
    say(client, sure, right=True)
    say(client, ask(client), breed="other")
    ask(client, encoded(plain(GREEN)))
    counted = client.get("/api/stats").json()
    assert counted["predictions"] == 3
    assert [(row["breed"], row["predictions"]) for row in counted["breeds"]] == [("red_hound", 2), ("green_hound", 1)]
    inside = [row for row in counted["confidence"] if row["from"] <= sure["probability"] < row["to"]]
    assert [(row["judged"], row["right"]) for row in inside] == [(2, 1)]
    assert sum(row["predictions"] for row in counted["confidence"]) == 3


def test_no_photo_is_kept_unless_the_operator_allows_it(client, settings, tmp_path):
    settings.DOGBREED_PHOTOS = tmp_path / "photos"
    assert_refused(give_photo(client, ask(client)), 403, "photos_not_kept")
    assert not settings.DOGBREED_PHOTOS.exists()


@pytest.fixture
def keeping(settings, tmp_path):
    settings.DOGBREED_KEEP_PHOTOS = True
    settings.DOGBREED_PHOTOS = tmp_path / "photos"
    return settings.DOGBREED_PHOTOS


def test_a_kept_photo_has_lost_its_metadata(client, keeping):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    data = encoded(plain(RED), exif=exif)
    answer = ask(client, data)
    assert give_photo(client, answer, data).status_code == 201
    with Image.open(keeping / f"{answer['id']}.jpg") as kept:
        assert kept.size == (60, 80)
        assert not kept.getexif()
        assert "exif" not in kept.info
    assert client.get(f"/api/predictions/{answer['id']}").json()["photo_kept"] is True


def test_only_the_very_photo_that_was_answered_is_kept(client, keeping):
    assert_refused(give_photo(client, ask(client), encoded(plain(BLUE))), 409, "another_photo")
    assert not keeping.exists()


def test_the_sender_can_withdraw_an_answer_with_its_feedback_and_photo(client, keeping):
    answer, other = ask(client), ask(client)
    for given in (answer, other):
        give_photo(client, given)
        say(client, given, right=True)
    assert delete(client, answer, answer["secret"]).status_code == 204
    assert_refused(client.get(f"/api/predictions/{answer['id']}"), 404, "prediction_not_found")
    assert [path.stem for path in keeping.iterdir()] == [other["id"]]
    assert [str(pk) for pk in Feedback.objects.values_list("pk", flat=True)] == [other["id"]]
    assert client.get("/api/stats").json()["predictions"] == 1
    assert_refused(delete(client, answer, answer["secret"]), 404, "prediction_not_found")
    assert_refused(say(client, answer, answer["secret"], right=True), 404, "prediction_not_found")


def test_nobody_else_can_withdraw_an_answer(client):
    answer, other = ask(client), ask(client)
    for secret in ("", other["secret"], "ä"):
        assert "X-Prediction-Secret" in assert_refused(delete(client, answer, secret), 403, "secret_needed")
    assert client.get(f"/api/predictions/{answer['id']}").status_code == 200


def test_a_secret_survives_a_new_key_that_knows_the_old_one(client, settings):
    answer = ask(client)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    assert delete(client, answer, answer["secret"]).status_code == 204


def test_pages_of_named_sites_may_send_the_secret(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://dogs.example"]
    asked = {"Origin": "https://dogs.example", "Access-Control-Request-Method": "DELETE"}
    response = client.options(f"/api/predictions/{uuid4()}", headers=asked)
    assert "x-prediction-secret" in response["Access-Control-Allow-Headers"]
    assert "DELETE" in response["Access-Control-Allow-Methods"]


def test_a_photo_that_cannot_be_written_leaves_no_row(client, keeping):
    answer = ask(client)
    keeping.write_text("a file where the folder should be")
    client.raise_request_exception = False
    assert give_photo(client, answer).status_code == 500
    assert not KeptPhoto.objects.exists()


def test_a_row_that_cannot_be_written_leaves_no_photo(client, keeping):
    answer = ask(client)
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON api_keptphoto BEGIN SELECT RAISE(ABORT, 'no'); END"
    with connection.cursor() as cursor:
        cursor.execute(refuse)
    client.raise_request_exception = False
    assert give_photo(client, answer).status_code == 500
    assert not keeping.exists()


def test_old_answers_are_pruned_with_their_photos(client, keeping):
    old, new = ask(client), ask(client)
    for answer in (old, new):
        give_photo(client, answer)
    Prediction.objects.filter(pk=old["id"]).update(created=timezone.now() - timedelta(days=31))
    out = StringIO()
    call_command("prune", days=30, interactive=False, stdout=out)
    assert out.getvalue() == "Deleted: 1 stored answers.\n"
    assert [str(pk) for pk in Prediction.objects.values_list("pk", flat=True)] == [new["id"]]
    assert [path.stem for path in keeping.iterdir()] == [new["id"]]
    assert KeptPhoto.objects.count() == 1


def test_pruning_needs_to_know_what_is_old():
    with pytest.raises(CommandError, match="answers are kept forever"):
        call_command("prune")
    out = StringIO()
    call_command("prune", "--no-input", stdout=out)  # by a timer, which must not fail every night
    assert "answers are kept forever" in out.getvalue()


def test_pruning_without_a_terminal_deletes_nothing_and_says_which_option_to_pass(client, monkeypatch):
    answer = ask(client)
    Prediction.objects.update(created=timezone.now() - timedelta(days=31))
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match="Pass --no-input"):
        call_command("prune", days=30)
    assert client.get(f"/api/predictions/{answer['id']}").status_code == 200
    call_command("prune", "--no-input", days=30, stdout=StringIO())
    assert client.get(f"/api/predictions/{answer['id']}").status_code == 404


@pytest.fixture
def without_tables():
    """A database that fails at every request, as one does that was never migrated."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE api_prediction RENAME TO gone")
    yield
    STORING.try_again_at_once()


@pytest.mark.usefixtures("without_tables")
@pytest.mark.django_db(transaction=True)
def test_photos_are_answered_while_the_database_fails_and_stored_again_afterwards(client):
    answer = ask(client)
    assert (answer["breed"], answer["stored"], answer["secret"]) == ("red_hound", False, None)
    assert_refused(client.get(f"/api/predictions/{answer['id']}"), 503, "history_unavailable")
    assert_refused(client.get("/api/stats"), 503, "history_unavailable")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gone RENAME TO api_prediction")
    assert ask(client)["stored"] is False  # the database is left alone for a while
    STORING.try_again_at_once()
    assert ask(client)["stored"] is True
