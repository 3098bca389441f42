"""Storing answers: what is stored, what an answer says of it, and what a database that fails costs."""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.history import STORING
from api.models import Prediction
from tests.http import RED_JPEG, ask, gunicorn, send_photo


def answer(**changes: Any) -> Prediction:
    columns = {
        "model_name": "tiny",
        "model_version": "1.0",
        "breed": "red_hound",
        "probability": 0.875,
        "probabilities": {"blue_hound": 0.125, "red_hound": 0.875},
        "verdict": {"kind": "breed", "breeds": [], "note": "ä % %s ' \" ?"},
        "width": 640,
        "height": 480,
        "sha256": "0" * 64,
        "decode_ms": 1.5,
        "inference_ms": 2.25,
        "elapsed_ms": 3.75,
    }
    return Prediction(**columns | changes)


def columns(prediction: Prediction) -> dict[str, Any]:
    return {name: value for name, value in vars(prediction).items() if not name.startswith("_")}


@pytest.mark.django_db
def test_a_stored_answer_reads_as_what_django_saves():
    stored, saved = answer(), answer()
    STORING.store(stored)
    saved.save()
    assert stored.stored
    for written in (stored, saved):
        assert columns(Prediction.objects.get(pk=written.pk)) == columns(written)


@pytest.mark.django_db(transaction=True)
def test_answers_of_one_request_are_stored_together_or_not_at_all(caplog):
    earlier, good = answer(), answer()
    STORING.store(earlier)
    try:
        STORING.store(good, answer(id=earlier.pk))
        assert [good.stored, Prediction.objects.get()] == [False, earlier]
        assert [record.getMessage().partition(" not stored")[0] for record in caplog.records] == ["2 predictions were"]
    finally:
        STORING.try_again_at_once()
    STORING.store(good, answer())
    assert [good.stored, Prediction.objects.count()] == [True, 3]


@pytest.mark.slow
def test_what_is_called_stored_can_be_read_when_many_send_photos_at_once(tiny_bundle, tmp_path, database):
    three = json.dumps({"image": [b64encode(RED_JPEG).decode()] * 3}).encode()
    with gunicorn(tiny_bundle, tmp_path, migrated=False, **database) as server, ThreadPoolExecutor(8) as threads:

        def send(number: int) -> list[dict[str, Any]]:
            if number % 2:
                return [send_photo(server.port).json]
            answers = ask(server.port, "POST", "/api/predictions", three, {"Content-Type": "application/json"})
            return list(answers.json["answers"])

        given = [answer for answers in threads.map(send, range(40)) for answer in answers]
        assert [answer["stored"] for answer in given] == [True] * 80
        found = threads.map(lambda one: ask(server.port, "GET", f"/api/predictions/{one['id']}").json, given)
        assert [answer["breed"] for answer in found] == ["red_hound"] * 80
        assert ask(server.port, "GET", "/api/stats").json["predictions"] == 80
