"""Answers while a bundle is on trial."""

import re

import pytest
from django.core.management import call_command

from api.models import Prediction
from dogbreed.model.bundle import write_json
from dogbreed.model.classifier import default_classifier, look_for_promotions
from dogbreed.model.file_digests import digest_of_bundle, write_digests
from dogbreed.model.swap import place_of
from tests.conftest import tiny_config
from tests.http import upload
from tests.image_files import encoded, noise

SHARE = 0.5


def photo(on_trial: bool) -> bytes:
    """One that the bundle on trial answers, or does not."""
    photos = (encoded(noise((32 + number, 32))) for number in range(100))
    return next(data for data in photos if (place_of(data) < SHARE) == on_trial)


@pytest.fixture
def on_trial(served, settings, tmp_path, newer_bundle):
    settings.DOGBREED_MODELS = tmp_path / "models"
    default_classifier()
    call_command("promote", newer_bundle, "--without-comparison", "--share", str(SHARE), "--reason", "to see")
    look_for_promotions()
    return newer_bundle


def figure(client, breed: str, verdict: str) -> float:
    line = rf'^dogbreed_trial_answers_total{{breed="{breed}",verdict="{verdict}"}} (\S+)$'
    found = re.search(line, client.get("/metrics").content.decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_a_photo_of_the_trial_is_answered_by_both_and_says_which(client, on_trial, tiny_bundle, capsys):
    before = figure(client, "same", "same")
    answers = [upload(client, photo(on_trial=is_on_trial)).json() for is_on_trial in (True, False)]
    digests = [digest_of_bundle(on_trial), digest_of_bundle(tiny_bundle)]
    assert [answer["model"]["digest"] for answer in answers] == digests
    assert client.get(f"/api/predictions/{answers[0]['id']}").json()["model"] == answers[0]["model"]
    rows = [Prediction.objects.get(pk=answer["id"]).other_model for answer in answers]
    assert rows == [{"digest": digests[1], "breed": True, "verdict": True}, None]
    assert figure(client, "same", "same") == before + 1
    ready = client.get("/api/health/ready").json()
    assert (ready["trial"]["model"]["version"], ready["trial"]["share"]) == ("2.0", SHARE)
    capsys.readouterr()
    call_command("models")
    said = capsys.readouterr().out
    assert "Both answered 1 stored photos: the same breed for 1, the same verdict for 1." in said
    line = r"trial  tiny 1\.0 \(\w+\) -> tiny 2\.0 \(\w+\)  50\.0% of photos  without a comparison  to see"
    assert re.search(line, said)


def test_photos_of_one_dog_have_one_model(client, on_trial):
    for first in (True, False):
        images = {"image": [upload_of(photo(first)), upload_of(photo(not first))]}
        answer = client.post("/api/predictions?same_dog=true", images).json()
        models = [each["model"] for each in [*answer["answers"], answer["dog"]]]
        assert [model["version"] for model in models] == ["2.0" if first else "1.0"] * 3
    images = {"image": [upload_of(photo(True)), upload_of(photo(False))]}
    answers = client.post("/api/predictions", images).json()["answers"]
    assert [each["model"]["version"] for each in answers] == ["2.0", "1.0"]


def upload_of(data: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("dog.jpg", data)


@pytest.mark.usefixtures("served")
def test_two_bundles_of_the_same_name_can_be_told_apart(client, settings, newer_bundle):
    first = upload(client).json()["model"]
    write_json(newer_bundle / "config.json", tiny_config(calibration={"temperature": 2.0}))
    write_digests(newer_bundle)
    settings.DOGBREED_BUNDLE = newer_bundle
    second = upload(client).json()["model"]
    assert (first["name"], first["version"]) == (second["name"], second["version"])
    assert first["digest"] != second["digest"]


@pytest.mark.usefixtures("served")
def test_answers_of_earlier_versions_have_no_digest(client):
    answer = upload(client).json()
    Prediction.objects.update(model_digest="")
    assert client.get(f"/api/predictions/{answer['id']}").json()["model"]["digest"] is None
