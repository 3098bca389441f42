"""The bundled model is taught a breed from real photos."""

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command

from dogbreed.answers.outputs import KNOWN_BREED, OUTPUT
from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.golden_input import golden_input
from trainer.photos.reading import open_photo_file

BUNDLE = settings.BASE_DIR / "models" / "default"
PHOTOS = settings.BASE_DIR.parent / "shared" / "data" / "more-dogs" / "other-breeds" / "dalmatian"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PHOTOS.is_dir(), reason="needs the photos in ../shared"),
]


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dalmatian")
    for path in sorted(PHOTOS.iterdir())[:8]:
        (folder / path.name).symlink_to(path)
    out = folder.parent / "taught"
    call_command("teach", str(BUNDLE), str(out), "--breed", "dalmatian", "--photos", str(folder))
    return out


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_both_engines_answer_with_the_new_breed(taught, engine, precision):
    classifier = Classifier.load(taught, precision, engine)
    rest = [open_photo_file(path).image for path in sorted(PHOTOS.iterdir())[8:]]
    answers = [classifier.classify(photo, explain=True) for photo in rest]
    assert [answer.breed for answer in answers].count("dalmatian") >= len(rest) - 1
    named = next(answer for answer in answers if answer.breed == "dalmatian")
    assert named.verdict is not None
    assert named.verdict.familiar
    assert list(named.verdict.taught.values()) == [classifier.config.taught["dalmatian"].photos]
    assert named.verdict.measured is None
    assert named.explanation is not None


# In int8 the features of the logits are rounded after the mean over the places.
@pytest.mark.parametrize(("precision", "rounding"), [("float32", 1e-3), ("int8", 0.05)])
def test_the_other_breeds_keep_their_logits_and_their_scores(taught, precision, rounding):
    before, after = (Classifier.load(path, precision, "onnxruntime") for path in (BUNDLE, taught))
    image = golden_input(before.config, 5)
    first, second = before.engine.outputs(image), after.engine.outputs(image)
    place = after.config.label_names.index("dalmatian")
    np.testing.assert_allclose(np.delete(second[OUTPUT], place, axis=1), first[OUTPUT], atol=1e-4)
    np.testing.assert_allclose(np.delete(second["evidence"], place, axis=1), first["evidence"], atol=1e-4)
    np.testing.assert_allclose(second["evidence"].mean(axis=(2, 3)), second[OUTPUT], atol=rounding)
    np.testing.assert_allclose(second["dog"], first["dog"], atol=1e-4)
    assert second[KNOWN_BREED][0] >= first[KNOWN_BREED][0] - 1e-4


def test_look_alikes_keep_their_breeds(taught):
    before, after = read_bundle(BUNDLE), read_bundle(taught)
    assert before.look_alikes is not None
    assert after.look_alikes is not None
    names = [
        [tuple(bundle.config.label_names[index] for index in pair.breeds) for pair in bundle.look_alikes.pairs]
        for bundle in (before, after)
        if bundle.look_alikes
    ]
    assert names[0] == names[1]
