"""Photos that visitors agreed to have kept: pixels alone, no metadata, so no place and no time."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from PIL import Image

from api.exceptions import AnotherPhoto, PhotosNotKept
from api.history import digest
from api.models import KeptPhoto, Prediction
from dogbreed.photos.decoding import open_photo

JPEG_QUALITY = 92


def keep_photo(prediction: Prediction, data: bytes) -> KeptPhoto:
    """Writes a prediction's photo, upright and as JPEG, to where `KeptPhoto.path` says.

    Raises:
        PhotosNotKept: this server keeps none.
        AnotherPhoto: it is not the photo that was answered.
        PhotoError: it is no photo.
    """
    if not settings.DOGBREED_KEEP_PHOTOS:
        raise PhotosNotKept
    if digest(data) != prediction.sha256:
        raise AnotherPhoto
    kept = KeptPhoto(prediction=prediction)
    _write(open_photo(data, settings.DOGBREED_MAX_PIXELS).image, kept.path)
    return KeptPhoto.objects.get_or_create(prediction=prediction)[0]


def _write(image: Image.Image, path: Path) -> None:
    """Beside its name first, then renamed: a photo is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(file, "wb") as opened:
            image.save(opened, "JPEG", quality=JPEG_QUALITY)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
