"""How a process changes to what was promoted."""

import gc
import logging
import shutil
import weakref

import pytest

from dogbreed.model.classifier import (
    default_classifier,
    forget_default_classifier,
    look_for_promotions,
    served_models,
)
from dogbreed.model.file_digests import digest_of_bundle, write_digests
from dogbreed.model.promotion import Permission, promote, rollback
from dogbreed.model.serving_source import serving_source
from dogbreed.model.swap import ServedModels, place_of
from tests.image_files import RED, plain

ANYWAY = Permission(without_comparison=True)


@pytest.fixture
def store(served, settings, tmp_path):
    """The process serves the tiny bundle, and has an empty store."""
    settings.DOGBREED_MODELS = tmp_path / "models"
    assert default_classifier().config.version == "1.0"
    return tmp_path / "models"


def test_what_was_promoted_answers_and_what_has_begun_ends_as_it_began(store, newer_bundle):
    before = served_models().model
    promote(serving_source(), str(newer_bundle), ANYWAY)
    assert default_classifier() is before  # nobody has looked yet
    look_for_promotions()
    assert default_classifier().config.version == "2.0"
    assert default_classifier().bundle.path.parent == store
    assert before.classify(plain(RED)).breed == "red_hound"
    rollback(serving_source())
    look_for_promotions()
    assert default_classifier().config.version == "1.0"
    shutil.copy(store / "served.json", store / "again.json")
    (store / "again.json").replace(store / "served.json")  # another file that says the same
    same = default_classifier()
    look_for_promotions()
    assert default_classifier() is same


def test_the_memory_of_the_model_before_is_given_back(store, newer_bundle):
    gc.freeze()  # as in a server
    gone = weakref.ref(default_classifier().engine)
    promote(serving_source(), str(newer_bundle), ANYWAY)
    look_for_promotions()
    assert default_classifier().config.version == "2.0"
    assert gone() is None
    gc.unfreeze()


def test_a_process_that_starts_serves_what_was_promoted(store, newer_bundle, settings, caplog, tiny_bundle):
    promote(serving_source(), str(newer_bundle), ANYWAY)
    forget_default_classifier()
    assert default_classifier().config.version == "2.0"
    assert "DOGBREED_BUNDLE" not in caplog.text
    settings.DOGBREED_BUNDLE = shutil.copytree(tiny_bundle, store / "another")
    assert default_classifier().config.version == "2.0"
    assert "manage.py rollback --configured" in caplog.text
    rollback(serving_source(), to_configured=True)
    look_for_promotions()
    assert default_classifier().bundle.path == store / "another"


def test_a_bundle_that_is_refused_leaves_the_one_before_and_the_probe_says_so(store, newer_bundle, client, caplog):
    promote(serving_source(), str(newer_bundle), ANYWAY)
    (store / digest_of_bundle(newer_bundle) / "golden.json").write_text("{}")
    look_for_promotions()
    assert default_classifier().config.version == "1.0"
    ready = client.get("/api/health/ready")
    assert (ready.status_code, ready.json()["refused"], ready.json()["model"]["version"]) == (200, True, "1.0")
    assert "golden.json was changed" in caplog.text
    rollback(serving_source())
    look_for_promotions()
    assert client.get("/api/health/ready").json()["refused"] is False


@pytest.mark.parametrize("text", ["", "rubbish", '{"bundle": "../../tiny"}'])
def test_rubbish_instead_of_the_pointer_leaves_the_one_before(store, text, caplog):
    store.mkdir()
    (store / "served.json").write_text(text)
    look_for_promotions()
    assert (default_classifier().config.version, bool(served_models().refused)) == ("1.0", True)
    forget_default_classifier()
    assert default_classifier().config.version == "1.0"  # a process that starts serves DOGBREED_BUNDLE
    assert "does not say which bundle is served" in caplog.text
    (store / "served.json").unlink()
    look_for_promotions()
    assert default_classifier().config.version == "1.0"


def test_a_promotion_also_helps_a_process_that_had_no_model(store, newer_bundle, settings, tmp_path, client):
    settings.DOGBREED_BUNDLE = tmp_path / "nowhere"
    assert client.get("/api/health/ready").status_code == 503
    promote(serving_source(), str(newer_bundle), ANYWAY)
    look_for_promotions()
    assert client.get("/api/health/ready").json()["model"]["version"] == "2.0"


def test_what_is_cached_for_a_model_follows(store, newer_bundle, client):
    before = client.get("/api/model")
    (newer_bundle / "report.html").write_text("<title>A report</title>")
    write_digests(newer_bundle)
    promote(serving_source(), str(newer_bundle), ANYWAY)
    look_for_promotions()
    after = client.get("/api/model", HTTP_IF_NONE_MATCH=before["ETag"])
    assert after.status_code == 200
    assert (after.json()["digest"], before.json()["digest"]) == (digest_of_bundle(newer_bundle), _digest(before))
    assert after.json()["network"]["address"] != before.json()["network"]["address"]
    assert client.get(after.json()["network"]["address"]).status_code == 200
    assert b"A report" in b"".join(client.get("/api/model/report").streaming_content)


def _digest(response):
    return response.json()["digest"]


def test_a_trial_has_its_share_of_photos_and_always_the_same_ones(store, newer_bundle, caplog):
    caplog.set_level(logging.INFO)
    promote(serving_source(), str(newer_bundle), ANYWAY, share=0.3)
    look_for_promotions()
    models = served_models()
    photos = [str(number).encode() for number in range(2000)]
    chosen = [models.choose(photo).model for photo in photos]
    assert chosen == [models.choose(photo).model for photo in photos]
    assert 500 < sum(each is models.trial for each in chosen) < 700
    more = ServedModels(models.model, models.trial, 0.5)
    assert all(more.choose(photo).model is models.trial for photo in photos if place_of(photo) < 0.3)
    assert "On trial: tiny 2.0" in caplog.text
    rollback(serving_source())
    look_for_promotions()
    assert served_models().trial is None


def test_a_process_is_ready_before_it_has_loaded_what_is_on_trial(store, newer_bundle):
    promote(serving_source(), str(newer_bundle), ANYWAY, share=0.3)
    forget_default_classifier()
    assert served_models().trial is None
    look_for_promotions()
    trial = served_models().trial
    assert trial is not None
    assert trial.config.version == "2.0"
