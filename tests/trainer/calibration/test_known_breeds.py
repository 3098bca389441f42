from pathlib import Path

import numpy as np
import torch

from dogbreed.answers.scores import energy
from trainer.calibration.known_breeds import FOLDS, SeenDogs, fit_known_breeds, fold_of
from trainer.photos.folders import LabelledPhoto

WIDTH, CLASSES = 16, 5


def dogs(photos: int, seed: int, known: bool) -> SeenDogs:
    """Dogs of other breeds have smaller logits, and another mean of one input."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(photos, WIDTH)).astype(np.float32)
    inputs[:, 0] += 2.0 if known else 0.0
    logits = random.normal(size=(photos, CLASSES)).astype(np.float32)
    logits[np.arange(photos), random.integers(0, CLASSES, photos)] += 5 if known else 2
    return SeenDogs(inputs, logits, random.integers(0, FOLDS, photos))


def test_the_score_tells_new_dogs_of_other_breeds_from_those_of_known_breeds():
    fitted = fit_known_breeds(dogs(300, 0, True), dogs(100, 1, False))
    assert fitted is not None
    (weight, of_energy, bias), of_known = fitted

    def score(new: SeenDogs) -> np.ndarray:
        values: torch.Tensor = (
            torch.from_numpy(new.inputs) @ weight + of_energy * torch.tensor(energy(new.logits)) + bias
        )
        return values.numpy()

    known, other = score(dogs(1000, 2, True)), score(dogs(1000, 3, False))
    assert (known[:, None] > other[None]).mean() > 0.95
    # The scores of the fitted photos come from regressions that did not see them, so they promise no more.
    assert abs(of_known.mean() - known.mean()) < 0.25 * known.std()


def test_too_few_photos_of_other_breeds_give_no_score():
    assert fit_known_breeds(dogs(300, 0, True), dogs(20, 1, False)) is None


def test_other_breeds_are_divided_by_breed_and_known_ones_by_photo():
    photos = [LabelledPhoto(Path(f"{number}.jpg"), "akita") for number in range(50)]
    assert len({fold_of(photo, by_breed=True) for photo in photos}) == 1
    assert {fold_of(photo, by_breed=False) for photo in photos} == set(range(FOLDS))
