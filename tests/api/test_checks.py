"""What `manage.py check` reports."""

from django.core.checks import run_checks


def test_a_missing_bundle_is_a_warning_with_a_hint(settings, tmp_path):
    assert run_checks() == []
    settings.DOGBREED_BUNDLE = tmp_path / "nowhere"
    (warning,) = run_checks()
    assert warning.id == "dogbreed.W001"
    assert "no such folder" in warning.msg
    assert warning.hint is not None
    assert "DOGBREED_BUNDLE" in warning.hint
    assert not warning.is_serious()
