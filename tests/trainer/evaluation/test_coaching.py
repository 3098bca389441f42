"""The coach is measured on photos that are made worse. The bundle tells colours apart; a grey photo shows no dog."""

import pytest

from dogbreed.model.classifier import Classifier
from tests.image_files import BLUE, RED, plain
from trainer.evaluation.coaching import coach_measures
from trainer.photos.folders import LabelledPhoto


@pytest.fixture
def photos(tmp_path):
    found = []
    for breed, colour in (("red_hound", RED), ("blue_hound", BLUE)):
        for number in range(3):
            path = tmp_path / f"{breed}{number}.png"
            plain(colour).save(path)
            found.append(LabelledPhoto(path, breed))
    return found


@pytest.fixture
def scenery(tmp_path):
    path = tmp_path / "grey.png"
    plain((128, 128, 128)).save(path)
    return [LabelledPhoto(path, "grey")]


def test_lost_verdicts_right_advice_and_recovered_verdicts_are_counted(trusted_bundle, photos, scenery):
    measured = coach_measures(Classifier.load(trusted_bundle), photos, scenery, number=6)
    assert measured["photos"] == 6
    assert measured["advised"]["value"] == 0  # as they are, their answers are certain
    small, dark = measured["faults"]["small in the photo"], measured["faults"]["dark"]
    assert small["lost"] > 0
    assert small["right_advice"]["value"] == small["recovered"]["value"] > 0.5
    assert dark["lost"] == 6
    assert dark["right_advice"]["value"] == 1
    assert measured["faults"]["blurred"] == {"lost": 0, "right_advice": None, "recovered": None}


def test_without_scenery_small_dogs_are_not_measured(trusted_bundle, photos):
    measured = coach_measures(Classifier.load(trusted_bundle), photos, [], number=2)
    assert measured["photos"] == 2
    assert "small in the photo" not in measured["faults"]
