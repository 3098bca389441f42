"""Photo files opened as the API opens uploads."""

from pathlib import Path

from PIL import Image

from dogbreed.photos.decoding import open_photo
from dogbreed.photos.preprocessing import Preprocessing, sufficient_side

MAX_PIXELS = 200_000_000  # a practitioner's own photos may be large; a visitor's limit is the API's business


def read_photo(path: Path, config: Preprocessing) -> Image.Image:
    """Opens a photo exactly as the API does for a model of this configuration.

    Raises:
        PhotoError: the file is no photo.
    """
    return open_photo(path.read_bytes(), MAX_PIXELS, sufficient_side(config)).image
