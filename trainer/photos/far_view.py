"""Photos as if taken from farther away: training photos are often cropped to the dog, and strangers' photos are not."""

import numpy as np
from PIL import Image

from trainer.photos.folders import LabelledPhoto
from trainer.photos.splits import rank

FARTHEST = 1.6  # the largest width and height of a far view, in widths and heights of the photo


def far_view(photo: Image.Image, labelled: LabelledPhoto) -> Image.Image:
    """A photo as if taken from farther away, by a factor of up to `FARTHEST`: it is padded with its mirror images.

    The factor and the photo's place in the view depend on the breed and the file's name alone.
    """
    random = np.random.default_rng(int(rank(0, "far view", f"{labelled.breed}/{labelled.path.name}")[:12], 16))
    larger = random.uniform(1, FARTHEST) - 1
    added = round(photo.width * larger), round(photo.height * larger)
    left, top = (round(space * random.uniform()) for space in added)
    around = ((top, added[1] - top), (left, added[0] - left), (0, 0))
    return Image.fromarray(np.pad(np.asarray(photo), around, mode="symmetric"))
