"""`manifest.csv`: which photos organized data has, their breeds, their parts and their weights."""

import logging
import math
from pathlib import Path

import pandas as pd

from dogbreed.model.file_digests import sha256
from trainer.photos.folders import LabelledPhoto, PhotosError, find_photos

MANIFEST_FILE = "manifest.csv"
NEEDED_COLUMNS = {"path", "breed", "split"}
WEIGHT_COLUMN = "weight"  # of the photo in the training loss: 1 without the column or in an empty cell
SHOWN = 3

logger = logging.getLogger(__name__)


def read_manifest(data: Path) -> pd.DataFrame | None:
    """The manifest that `manage.py organize` wrote; None if `data` has none, or only one of another kind.

    Raises:
        PhotosError: it cannot be read as CSV.
    """
    path = data / MANIFEST_FILE
    if not path.is_file():
        return None
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise PhotosError(
            f"{path} cannot be read as CSV: {error}. Restore it, or organize the photos again."
        ) from error
    return rows if set(rows.columns) >= NEEDED_COLUMNS else None


def listed_photos(data: Path, manifest: pd.DataFrame, part: str) -> list[LabelledPhoto]:
    """The photos of a part that the manifest lists, with their weights, in order of breed and name.

    Photos that are in the part's folder but not in the manifest are not used; a warning says how many there are.

    Raises:
        PhotosError: a listed photo is missing, or a weight is not a number above 0.
    """
    rows = manifest[manifest["split"] == part]
    listed = rows.reindex(columns=["path", "breed", "source", WEIGHT_COLUMN], fill_value="")
    photos = [
        LabelledPhoto(data / path, breed, source, _weight(data, path, weight))
        for path, breed, source, weight in listed.itertuples(index=False)
    ]
    missing = [str(photo.path) for photo in photos if not photo.path.is_file()]
    if missing:
        raise PhotosError(
            f"{len(missing)} photos in {data / MANIFEST_FILE} are missing on disk: {_some(missing)}. Restore them, "
            "delete their lines from the manifest, or organize the photos again."
        )
    _warn_of_others(data, part, photos)
    return sorted(photos, key=lambda photo: (photo.breed, photo.path.name))


def manifest_digest(data: Path) -> str:
    """The SHA-256 of the list of the photos in `data`; "" where there is none."""
    manifest = data / MANIFEST_FILE
    return sha256(manifest) if manifest.is_file() else ""


def _weight(data: Path, path: str, text: str) -> float:
    try:
        weight = float(text or 1)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise PhotosError(
            f"The {WEIGHT_COLUMN} of {path} in {data / MANIFEST_FILE} is {text!r}. It must be a number above 0."
        )
    return weight


def _warn_of_others(data: Path, part: str, photos: list[LabelledPhoto]) -> None:
    listed = {photo.path for photo in photos}
    try:
        others = [str(photo.path) for photo in find_photos(data / part) if photo.path not in listed]
    except PhotosError:  # the folder has no photo at all
        return
    if others:
        logger.warning(
            "%d photos in %s are not in %s and are not used: %s. To use them, add them to the photos that were "
            "organized, and run `manage.py organize` again.",
            len(others),
            data / part,
            MANIFEST_FILE,
            _some(others),
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
