"""A phone's photo, decoded no larger than the model that ships needs it, gives the answer of the whole photo."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from dogbreed.model.classifier import Classifier
from dogbreed.photos.decoding import open_photo

PHOTOS = settings.BASE_DIR.parent / "shared" / "data" / "independent-photos"
BUNDLE = settings.BASE_DIR / "models" / "default"


def of_a_phone(path: Path) -> bytes:
    """A real photo at 12 megapixels."""
    file = BytesIO()
    Image.open(path).convert("RGB").resize((4000, 3000), Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.mark.skipif(not PHOTOS.is_dir(), reason=f"real photos are not at {PHOTOS}")
@pytest.mark.slow
def test_a_big_photo_gets_the_answer_of_the_whole_photo():
    classifier = Classifier.load(BUNDLE)
    for path in sorted(PHOTOS.rglob("*.jpg"))[::262]:
        data = of_a_phone(path)
        reduced = classifier.open(data, 80_000_000)
        assert reduced.image.width < reduced.width == 4000
        answer, whole = classifier.classify(reduced.image), classifier.classify(open_photo(data, 80_000_000).image)
        assert answer.breed == whole.breed or whole.probability < 0.5
        assert np.abs(answer.probabilities - whole.probabilities).max() < 0.05
