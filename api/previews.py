"""A small copy of a photo, for browsers that cannot display its format."""

from base64 import b64encode
from io import BytesIO

from PIL import Image

LONGER_SIDE = 1024
JPEG_QUALITY = 80


def preview(image: Image.Image) -> str:
    """A JPEG of at most `LONGER_SIDE` pixels on its longer side, as a data URI."""
    small = image.copy()
    small.thumbnail((LONGER_SIDE, LONGER_SIDE))
    file = BytesIO()
    small.save(file, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + b64encode(file.getvalue()).decode("ascii")
