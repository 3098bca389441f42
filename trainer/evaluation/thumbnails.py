"""Small pictures of photos in a page."""

import base64
from io import BytesIO
from pathlib import Path

from PIL import ImageOps

from dogbreed.photos.preprocessing import Preprocessing
from trainer.photos.reading import read_photo

THUMBNAIL, THUMBNAIL_QUALITY = 160, 70


def thumbnail(path: Path, config: Preprocessing) -> str:
    """A small JPEG as a data URI, so that the page is self-contained."""
    photo = ImageOps.fit(read_photo(path, config), (THUMBNAIL, THUMBNAIL))
    file = BytesIO()
    photo.save(file, "JPEG", quality=THUMBNAIL_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
