import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as project_settings

from dogbreed.model.bundle import BundleError
from dogbreed.model.classifier import Classifier, default_classifier
from dogbreed.model.engines import EngineError, openvino
from dogbreed.model.golden_input import golden_input
from tests.conftest import tiny_config, tiny_logits
from tests.image_files import BLUE, GREEN, RED, noise, plain

DEFAULT_BUNDLE = Path(project_settings.BASE_DIR) / "models" / "default"


@pytest.mark.parametrize(("colour", "breed"), [(BLUE, "blue_hound"), (GREEN, "green_hound"), (RED, "red_hound")])
def test_the_colour_of_a_photo_decides(tiny_bundle, colour, breed):
    prediction = Classifier.load(tiny_bundle).classify(plain(colour))
    assert prediction.breed == breed
    assert prediction.index == ["blue_hound", "green_hound", "red_hound"].index(breed)
    assert prediction.name == breed.replace("_", " ").title()
    assert prediction.probability == prediction.probabilities.max() > 0.9


def test_every_class_is_ranked_highest_first(tiny_bundle):
    prediction = Classifier.load(tiny_bundle).classify(plain((200, 100, 0)))
    ranked = prediction.ranked()
    assert [line.breed for line in ranked] == ["red_hound", "green_hound", "blue_hound"]
    assert ranked[0].probability == prediction.probability
    assert sum(line.probability for line in ranked) == pytest.approx(1, abs=1e-6)


def test_the_engine_computes_what_numpy_computes(tiny_bundle):
    classifier = Classifier.load(tiny_bundle, "float32")
    batch = np.concatenate([golden_input(classifier.config, seed) for seed in range(5)])
    assert classifier.engine.precision == "float32"
    np.testing.assert_allclose(classifier.engine.outputs(batch)["logits"], tiny_logits(batch), atol=1e-5)
    exponentials = np.exp(tiny_logits(batch))
    np.testing.assert_allclose(
        classifier.probabilities(batch), exponentials / exponentials.sum(axis=1, keepdims=True), atol=1e-5
    )


def test_a_higher_temperature_makes_the_model_less_sure(bundle_copy, change_json):
    sure = Classifier.load(bundle_copy).classify(plain(RED)).probability
    change_json(bundle_copy / "config.json", calibration={"temperature": 4.0})
    assert 1 / 3 < Classifier.load(bundle_copy).classify(plain(RED)).probability < sure


def test_tiny_temperatures_do_not_overflow(bundle_copy, change_json):
    change_json(bundle_copy / "config.json", calibration={"temperature": 1e-4})
    np.testing.assert_array_equal(Classifier.load(bundle_copy).classify(plain(RED)).probabilities, [0, 0, 1])


def test_the_engine_says_what_it_computes_in_whatever_was_asked_for(tiny_bundle):
    for asked in ("auto", "float32", "bfloat16"):
        assert Classifier.load(tiny_bundle, asked).engine.precision in ("float32", "bfloat16")
    with pytest.raises(ValueError, match="got 'float8'"):
        Classifier.load(tiny_bundle, "float8")


@pytest.mark.parametrize("tolerance", [{"float32": 1e-4, "bfloat16": 1e-9}, {"float32": 1e-4}])
def test_a_network_that_bfloat16_would_change_is_served_in_float32(
    bundle_copy, change_json, monkeypatch, tolerance, caplog
):
    """On a processor that prefers bfloat16, as this one need not."""
    compile_network = openvino._compile
    monkeypatch.setattr(
        openvino,
        "_compile",
        lambda model, options: compile_network(model, {openvino.HINT: "bf16", **options}),
    )
    if Classifier.load(bundle_copy).engine.precision != "bfloat16":
        pytest.skip("OpenVINO does not compute in bfloat16 on this processor.")
    change_json(bundle_copy / "golden.json", tolerance=tolerance)
    caplog.set_level(logging.INFO, "dogbreed")
    assert Classifier.load(bundle_copy).engine.precision == "float32"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "The model runs in float32: bfloat16 is not accurate enough for it.")
    ]
    with pytest.raises(BundleError):
        Classifier.load(bundle_copy, "bfloat16")


def test_many_threads_get_their_own_answers(tiny_bundle):
    classifier = Classifier.load(tiny_bundle)
    colours = [BLUE, GREEN, RED] * 40
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda colour: classifier.classify(plain(colour)).index, colours))
    assert found == [0, 1, 2] * 40


def test_the_default_classifier_is_loaded_once_for_all_threads(served):
    with ThreadPoolExecutor(8) as threads:
        classifiers = set(threads.map(lambda _: default_classifier(), range(16)))
    assert len(classifiers) == 1


def test_a_refused_bundle_stays_refused_for_a_while(served, settings, tmp_path, bundle_copy):
    settings.DOGBREED_BUNDLE = tmp_path / "later"
    with pytest.raises(BundleError, match="no such folder"):
        default_classifier()
    bundle_copy.rename(tmp_path / "later")
    with pytest.raises(BundleError, match="no such folder"):
        default_classifier()


def test_a_broken_network_is_also_a_bundle_error():
    assert issubclass(EngineError, BundleError)


@pytest.mark.skipif(not DEFAULT_BUNDLE.is_dir(), reason="models/default is not there: train it and export it")
def test_the_bundle_that_ships_can_be_served():
    classifier = Classifier.load(DEFAULT_BUNDLE)
    prediction = classifier.classify(noise((300, 200)))
    assert len(prediction.ranked()) == len(classifier.config.label_names) == 120
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_the_middle_of_a_photo_decides_where_the_bundle_says_so(bundle_copy, change_json):
    photo = plain(BLUE, (96, 32))
    photo.paste(RED, (32, 0, 64, 32))
    assert Classifier.load(bundle_copy).classify(photo).breed == "blue_hound"
    change_json(bundle_copy / "config.json", crop_mode="center")
    assert Classifier.load(bundle_copy).config == tiny_config(crop_mode="center")
    assert Classifier.load(bundle_copy).classify(photo).breed == "red_hound"
