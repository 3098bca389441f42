"""Photos that are stored with the visitor's consent: the pixels without metadata, so without place and time."""

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
    """Writes a prediction's photo, upright and as JPEG, to `KeptPhoto.path`.

    Raises:
        PhotosNotKept: this server does not store photos.
        AnotherPhoto: it is not the file that was answered.
        PhotoError: it cannot be decoded.
    """
    if not settings.DOGBREED_KEEP_PHOTOS:
        raise PhotosNotKept
    if digest(data) != prediction.sha256:
        raise AnotherPhoto
    kept = KeptPhoto(prediction=prediction)
    _write(open_photo(data, settings.DOGBREED_MAX_PIXELS).image, kept.path)
    return KeptPhoto.objects.get_or_create(prediction=prediction)[0]


def _write(image: Image.Image, path: Path) -> None:
    """Writes to a temporary name first and then renames, so that a file is never incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(file, "wb") as opened:
            image.save(opened, "JPEG", quality=JPEG_QUALITY)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
