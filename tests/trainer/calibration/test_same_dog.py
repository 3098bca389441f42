"""What pairs of photos teach about photos of one dog."""

import numpy as np
import pytest

from dogbreed.answers.combining import combine
from trainer.calibration.same_dog import fit_same_dog

CLASSES, PHOTOS = 12, 480


@pytest.fixture(scope="module")
def seen():
    """Photos whose noise is their own, and other views of them with nearly the same noise."""
    random = np.random.default_rng(0)
    targets = np.arange(PHOTOS) % CLASSES
    logits = random.normal(size=(PHOTOS, CLASSES)) * 1.5
    logits[np.arange(PHOTOS), targets] += 1.5**2  # so that softmax is calibrated
    views = logits + random.normal(size=logits.shape) * 0.1

    def softmax(values):
        return np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)

    return softmax(logits), softmax(views), targets


def test_photos_of_a_breed_count_fully_and_views_of_a_photo_count_once(seen):
    photos, views, targets = seen
    fitted = fit_same_dog(photos, views, targets)
    assert fitted is not None

    def weights(first, second):
        return [share.weight for share in combine(np.stack([first, second]), np.array([True, True]), fitted).shares]

    of_views = [sum(weights(photos[row], views[row])) for row in range(50)]
    of_breed = [sum(weights(photos[row], photos[row + CLASSES])) for row in range(50)]
    assert np.mean(of_views) < 1.1
    assert np.mean(of_breed) > 1.6


def test_pairs_of_a_breed_are_seldom_said_to_differ_and_other_pairs_often(seen):
    photos, views, targets = seen
    fitted = fit_same_dog(photos, views, targets)

    def flagged(step):
        pairs = [photos[[row, (row + step) % PHOTOS]] for row in range(200)]
        return np.mean([not all(s.agrees for s in combine(p, np.array([True, True]), fitted).shares) for p in pairs])

    assert flagged(CLASSES) <= 0.06
    assert flagged(1) > 3 * flagged(CLASSES)


def test_too_few_photos_teach_nothing(seen):
    photos, views, targets = seen
    assert fit_same_dog(photos[:24], views[:24], targets[:24]) is None
    assert fit_same_dog(photos, views, np.arange(PHOTOS)) is None
