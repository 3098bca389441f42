"""Compares two bundles on the same photos and decides whether the new one may replace the old one."""

from pathlib import Path

from dogbreed.model.bundle import Bundle
from dogbreed.model.comparison_result import ComparisonResult
from trainer.comparing.photo_sets import PhotoSets
from trainer.progress import ProgressBar, silent


def compare_bundles(
    old: Bundle,
    new: Bundle,
    sets: PhotoSets,
    out: Path,
    progress: ProgressBar = silent,
    *,
    allow_missing: bool = False,
    photos: bool = True,
    precision: str = "float32",
    engine: str = "openvino",
) -> ComparisonResult:
    """Answers the photos with both bundles, and writes `comparison.json`, `comparison_numbers.json` and
    `comparison.html` into `out`.

    `out` also keeps the answers. After an interruption the same call continues, and a repeated call reads them.

    Args:
        old, new: of the same breeds, or of breeds that overlap: then they are compared on the breeds that both know.
        sets: photos that neither was trained on: see `trainer.comparing.photo_sets.photo_sets`.
        out: a new folder, or one with the (unfinished) comparison of the same bundles on the same photos.
        allow_missing: a new bundle that lacks breeds of the old one is not worse for that.
        photos: whether the page shows some of the photos.
        precision, engine: as `Classifier.load` takes them, for both.

    Raises:
        ComparisonError: there is nothing to compare on, or `out` holds something else.
        BundleError: a bundle cannot be run.
        PhotosError: neither bundle knows one of the breeds.
    """
    raise NotImplementedError
