"""What `manage.py check` reports."""

from django.core.checks import run_checks

from dogbreed.model.bundle import read_bundle
from dogbreed.model.serving_source import serving_source
from dogbreed.model.store import Served, Store


def test_a_missing_bundle_is_a_warning_with_a_hint(settings, tmp_path):
    assert run_checks() == []
    settings.DOGBREED_BUNDLE = tmp_path / "nowhere"
    (warning,) = run_checks()
    assert warning.id == "dogbreed.W001"
    assert "no such folder" in warning.msg
    assert warning.hint is not None
    assert "DOGBREED_BUNDLE" in warning.hint
    assert not warning.is_serious()


def test_a_setting_that_is_not_followed_because_of_a_promotion_is_a_warning(settings, newer_bundle, tmp_path):
    settings.DOGBREED_MODELS = tmp_path / "models"
    store, digest = Store(tmp_path / "models"), read_bundle(newer_bundle).digest
    store.folder.mkdir()
    store.write(Served(bundle=digest, configured="/srv/before"))
    assert [warning.id for warning in run_checks()] == ["dogbreed.W001"]  # the store does not have it
    newer_bundle.rename(store.path_of(digest))
    (warning,) = run_checks()
    assert warning.id == "dogbreed.W003"
    assert "/srv/before" in warning.msg
    store.write(Served(bundle=digest, configured=str(serving_source().configured.absolute())))
    assert run_checks() == []
    store.pointer.write_text("rubbish")
    assert [warning.id for warning in run_checks()] == ["dogbreed.W003"]
