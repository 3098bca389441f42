"""Photos that are stored with the visitor's consent: the pixels without metadata, so without place and time."""

import os
import tempfile
from io import BytesIO
from pathlib import Path

from django.conf import settings

from api.admission import gate
from api.exceptions import AnotherPhoto, PhotosNotKept
from api.history import digest, locked
from api.models import KeptPhoto, Prediction
from dogbreed.model.classifier import pixel_gate
from dogbreed.photos.decoding import open_photo

JPEG_QUALITY = 92
SUFFICIENT_SIDE = 1024  # pixels of the shorter side, more than networks see of a photo


def keep_photo(prediction: Prediction, data: bytes) -> KeptPhoto:
    """Writes a prediction's photo, upright and as JPEG, to `KeptPhoto.path`.

    A JPEG that is much larger than training needs is decoded at a reduced size. The row comes before the file, and an
    error leaves neither.

    Raises:
        Busy: too many photos run or wait already.
        NoSuchPrediction: it was deleted in the meantime.
        PhotosNotKept: this server does not store photos.
        AnotherPhoto: it is not the file that was answered.
        PhotoError: it cannot be decoded.
    """
    if not settings.DOGBREED_KEEP_PHOTOS:
        raise PhotosNotKept
    if digest(data) != prediction.sha256:
        raise AnotherPhoto
    with gate().admitted():
        jpeg = BytesIO()
        photo = open_photo(data, settings.DOGBREED_MAX_PIXELS, SUFFICIENT_SIDE, pixel_gate())
        photo.image.save(jpeg, "JPEG", quality=JPEG_QUALITY)
    is_first = False
    try:
        with locked(prediction.pk):
            kept, is_first = KeptPhoto.objects.get_or_create(prediction=prediction)
            _write(jpeg.getvalue(), kept.path)
    except BaseException:
        if is_first:
            kept.path.unlink(missing_ok=True)
        raise
    return kept


def _write(jpeg: bytes, path: Path) -> None:
    """Writes to a temporary name first and then renames, so that a file is never incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file, name = tempfile.mkstemp(dir=path.parent, suffix=KeptPhoto.UNFINISHED)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(jpeg)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
