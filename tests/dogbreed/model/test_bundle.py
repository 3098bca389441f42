import json

import numpy as np
import onnx
import pytest

from dogbreed.model.bundle import REQUIRED_FILES, BundleError, read_bundle, write_json
from dogbreed.model.classifier import Classifier
from dogbreed.model.golden_input import golden_input
from tests.conftest import tiny_config, tiny_network


def test_what_is_written_is_what_is_read(bundle_copy):
    config = tiny_config(name="another", crop_pct=0.875)
    write_json(bundle_copy / "config.json", config)
    bundle = read_bundle(bundle_copy)
    assert bundle.config == config
    assert bundle.network.is_file()
    assert bundle.weights.is_file()


def test_the_configuration_begins_with_what_people_look_for(bundle_copy):
    write_json(bundle_copy / "config.json", tiny_config())
    keys = list(json.loads((bundle_copy / "config.json").read_text()))
    assert keys[:4] == ["format_version", "name", "version", "architecture"]


def test_a_bundle_of_an_earlier_version_may_hold_the_reports_alternatives(bundle_copy, change_json):
    gate = {"score": "energy", "threshold": 1.0, "kept": 0.95, "photos": 100}
    shortlist = {"coverage": 0.95, "penalty": 0.05, "threshold": 0.9, "photos": 100}
    alternatives = [{"method": "LAC", "penalty": 0.0, "threshold": 0.9}]
    older = {"shortlist": {**shortlist, "alternatives": alternatives}, "dog": gate, "gates": [gate]}
    change_json(bundle_copy / "config.json", calibration=older)
    config = read_bundle(bundle_copy).config
    assert config.calibration.dog is not None
    write_json(bundle_copy / "config.json", config)
    written = json.loads((bundle_copy / "config.json").read_text())["calibration"]
    assert written["shortlist"] == shortlist
    assert "gates" not in written


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(BundleError, match="nowhere: there is no such folder"):
        read_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("name", REQUIRED_FILES)
def test_a_missing_file_is_named(bundle_copy, name):
    (bundle_copy / name).unlink()
    with pytest.raises(BundleError, match=f"lacks {name}"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("name", ["config.json", "golden.json"])
@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe", b"[]", b"null", b'"text"'])
def test_what_is_no_json_object_is_refused(bundle_copy, name, content):
    (bundle_copy / name).write_bytes(content)
    with pytest.raises(BundleError, match=name):
        read_bundle(bundle_copy)


def test_an_unknown_key_is_refused_by_name(bundle_copy, change_json):
    change_json(bundle_copy / "config.json", temprature=2.0)
    with pytest.raises(BundleError, match="temprature"):
        read_bundle(bundle_copy)


def test_another_format_version_is_refused_with_both_numbers(bundle_copy, change_json):
    change_json(bundle_copy / "config.json", format_version=2)
    with pytest.raises(BundleError, match="format version 2; this program reads version 1"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("labels", [["red", "green", "blue"], ["blue", "blue", "red"], ["blue"], []])
def test_labels_that_are_not_sorted_and_different_are_refused(bundle_copy, change_json, labels):
    change_json(bundle_copy / "config.json", label_names=labels)
    with pytest.raises(BundleError, match="label_names"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize(
    ("key", "value"),
    [("std", [0, 1, 1]), ("crop_pct", 0), ("input_size", [1, 32, 32]), ("crop_mode", "stretch"), ("mean", [0.5])],
)
def test_preprocessing_that_makes_no_sense_is_refused_by_name(bundle_copy, change_json, key, value):
    change_json(bundle_copy / "config.json", **{key: value})
    with pytest.raises(BundleError, match=key):
        read_bundle(bundle_copy)


def test_golden_logits_of_another_number_of_classes_are_refused(bundle_copy, change_json):
    change_json(bundle_copy / "golden.json", cases=[{"seed": 0, "logits": [1.0, 2.0]}])
    with pytest.raises(BundleError, match=r"2 logits for seed 0, config\.json has 3 label names"):
        read_bundle(bundle_copy)


def test_a_network_that_computes_something_else_is_refused_with_the_numbers(bundle_copy, change_json):
    golden = json.loads((bundle_copy / "golden.json").read_text())
    golden["cases"][1]["logits"][2] += 0.25
    change_json(bundle_copy / "golden.json", cases=golden["cases"])
    with pytest.raises(BundleError, match=r"for seed 1 .* differ by up to 0\.25 in float32, and 0\.0001 is allowed"):
        Classifier.load(bundle_copy, "float32")


def test_a_network_that_computes_nan_is_refused(bundle_copy):
    network = tiny_network()
    network.graph.initializer[1].raw_data = np.full(3, np.nan, np.float32).tobytes()
    onnx.save(network, bundle_copy / "model.onnx")
    with pytest.raises(BundleError, match="differ by up to nan"):
        Classifier.load(bundle_copy)


def test_a_precision_without_a_stated_tolerance_is_refused(bundle_copy, change_json):
    change_json(bundle_copy / "golden.json", tolerance={"bfloat16": 1.0})
    with pytest.raises(BundleError, match="states no tolerance for float32"):
        Classifier.load(bundle_copy, "float32")


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x0a\x12"])
def test_a_corrupt_network_is_refused_in_a_sentence(bundle_copy, content):
    (bundle_copy / "model.onnx").write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.onnx .*Export it again\."):
        Classifier.load(bundle_copy)


def test_a_truncated_network_is_refused(bundle_copy):
    network = (bundle_copy / "model.onnx").read_bytes()
    (bundle_copy / "model.onnx").write_bytes(network[: len(network) // 2])
    with pytest.raises(BundleError, match=r"model\.onnx"):
        Classifier.load(bundle_copy)


def test_a_network_with_another_number_of_classes_is_refused(bundle_copy):
    onnx.save(tiny_network(classes=2), bundle_copy / "model.onnx")
    with pytest.raises(BundleError, match=r"should have an output logits \[\?,3\].*has logits \[\?,2\]"):
        Classifier.load(bundle_copy)


def test_a_network_with_another_input_is_refused(bundle_copy):
    onnx.save(tiny_network(input_name="pixels"), bundle_copy / "model.onnx")
    with pytest.raises(BundleError, match=r"should have one input, image .*has pixels"):
        Classifier.load(bundle_copy)


def test_golden_inputs_are_the_same_bytes_for_ever():
    image = golden_input(tiny_config(), 7)
    assert image.shape == (1, 3, 32, 32)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image[0, :, 0, 0], [-0.8473834, 0.1851894, 0.9502794], atol=1e-6)
