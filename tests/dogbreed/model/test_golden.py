"""A bundle that brings photos along is served only where their bytes become the very input that they should."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dogbreed.model.bundle import BundleError
from dogbreed.model.classifier import Classifier


def test_a_bundle_with_photos_is_served(trusted_bundle: Path):
    assert len(Classifier.load(trusted_bundle, "float32").bundle.golden.photos) == 3
    assert Classifier.load(trusted_bundle, "float32", "onnxruntime").explains


@pytest.mark.parametrize(
    "change", [{"crop_mode": "center"}, {"crop_pct": 0.8}, {"mean": [0.485, 0.456, 0.406]}, {"std": [0.2, 0.2, 0.2]}]
)
def test_changed_preprocessing_is_refused_with_the_numbers(
    trusted_bundle: Path, tmp_path: Path, change_json: Callable[..., None], change: dict[str, Any]
):
    bundle = Path(shutil.copytree(trusted_bundle, tmp_path / "bundle"))
    change_json(bundle / "config.json", **change)
    with pytest.raises(BundleError, match=r"differs? by up to [\d.]+.* and [\d.]+ is allowed"):
        Classifier.load(bundle, "float32")


def test_a_library_that_decodes_photos_otherwise_is_refused_with_the_numbers(
    trusted_bundle: Path, monkeypatch: pytest.MonkeyPatch
):
    """As Pillow would be if it forgot to turn photos upright."""
    monkeypatch.setattr("dogbreed.photos.decoding.orientation_of", lambda info: 1)
    with pytest.raises(BundleError, match=r"a JPEG rotated by Exif.* grey levels.* is allowed"):
        Classifier.load(trusted_bundle, "float32")
