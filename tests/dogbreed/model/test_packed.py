import gzip
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dogbreed.model.bundle import NETWORK_FILE, WEIGHTS_FILE, BundleError, read_bundle
from dogbreed.model.engines.onnxruntime import ONNXRuntimeEngine
from dogbreed.model.file_digests import write_digests
from dogbreed.model.golden_input import golden_input
from dogbreed.model.packed import PackedModel

DEFAULT = Path(__file__).parents[3] / "models" / "default"


def unpack(file: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The header, the network and the weights of a packed model, as the module's docstring says."""
    assert file[:8] == b"DOGBREED"
    length = int.from_bytes(file[8:12], "little")
    assert hashlib.sha256(file[44:]).digest() == file[12:44]
    header, at = json.loads(file[44 : 44 + length]), 44 + length
    network, at = file[at : at + header["network"]], at + header["network"]
    weights = bytearray(header["weights"]["bytes"])
    for tensor in header["weights"]["tensors"]:
        start = tensor["offset"]
        if tensor["type"] == "raw":
            weights[start : start + tensor["bytes"]] = file[at : at + tensor["bytes"]]
            at += tensor["bytes"]
            continue
        channels, values, lower = tensor["channels"], tensor["values"], tensor["bits"] - 8
        scales = np.frombuffer(file, "<f4", channels, at)
        integers = np.frombuffer(file, np.uint8, values, at + 4 * channels).astype(int) << lower
        at += 4 * channels + values
        if lower:
            packed = np.frombuffer(file, np.uint8, -(-values * lower // 8), at)
            bits = np.unpackbits(packed, bitorder="little")[: values * lower].reshape(-1, lower)
            integers += bits @ (1 << np.arange(lower))
            at += len(packed)
        numbers = (integers - 2 ** (tensor["bits"] - 1) + 1).reshape(channels, -1) * scales[:, None]
        data = numbers.astype(np.float32).astype(tensor["type"]).tobytes()
        weights[start : start + len(data)] = data
    assert at == len(file)
    return header, network, bytes(weights)


@pytest.fixture(scope="module")
def packed():
    return PackedModel(read_bundle(DEFAULT))


def test_the_packed_network_gives_nearly_the_same_outputs(packed, tmp_path):
    _, network, weights = unpack(packed.packed())
    (tmp_path / NETWORK_FILE).write_bytes(network)
    (tmp_path / WEIGHTS_FILE).write_bytes(weights)
    bundle = read_bundle(DEFAULT)
    batch = golden_input(bundle.config, 0)
    engines = [ONNXRuntimeEngine(path / NETWORK_FILE, bundle.config) for path in (DEFAULT, tmp_path)]
    expected, computed = (engine.outputs(batch) for engine in engines)
    np.testing.assert_allclose(computed["logits"], expected["logits"], atol=0.1)
    assert computed["dog"] == pytest.approx(expected["dog"], abs=0.1)


def test_its_size_is_known_before_it_is_packed_and_is_small(packed):
    assert packed.size == len(packed.packed()) == len(gzip.decompress(packed.gzipped))
    assert len(packed.gzipped) < 11_200_000  # with ONNX Runtime (2.7 MB) less than 14 MB


def test_it_says_what_answers_are_made_of(packed):
    header, _, _ = unpack(packed.packed())
    config = read_bundle(DEFAULT).config
    assert [breed["breed"] for breed in header["breeds"]] == config.label_names
    assert header["calibration"]["temperature"] == config.calibration.temperature
    assert header["preprocessing"]["input_size"] == list(config.input_size)
    assert header["breeds"][0] == {"breed": "affenpinscher", "name": "Affenpinscher", "group": "toy"}


def test_weights_that_the_network_contains_are_not_sent_again(tiny_bundle):
    header, network, weights = unpack(PackedModel(read_bundle(tiny_bundle)).packed())
    assert network == (tiny_bundle / NETWORK_FILE).read_bytes()
    assert header["weights"]["tensors"] == []
    assert not any(weights)


def test_large_weights_are_rounded_and_small_ones_stay(bundle_copy):
    random = np.random.RandomState(0)
    large = {"of 8 bits": (1000, 1000), "of 10 bits": (300, 1001), "of 12 bits": (111, 1000)}
    weights: dict[str, Any] = {name: random.normal(size=shape).astype(np.float32) for name, shape in large.items()}
    weights["of 12 bits"][3] = 0  # no scale
    weights |= {"small": random.normal(size=(9, 9)).astype(np.float16), "flat": random.normal(size=120_001)}
    save_file(weights, bundle_copy / WEIGHTS_FILE)
    with (bundle_copy / NETWORK_FILE).open("ab") as network:
        network.write(WEIGHTS_FILE.encode())  # as if it named that file
    _, _, unpacked = unpack(PackedModel(read_bundle(bundle_copy)).packed())
    start = 8 + int.from_bytes((bundle_copy / WEIGHTS_FILE).read_bytes()[:8], "little")
    (bundle_copy / "again").write_bytes((bundle_copy / WEIGHTS_FILE).read_bytes()[:start] + unpacked[start:])
    again = load_file(bundle_copy / "again")
    for name in ("small", "flat"):
        np.testing.assert_array_equal(again[name], weights[name])
    for bits, name in zip((8, 10, 12), large, strict=True):
        step = np.abs(weights[name]).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
        assert (np.abs(again[name] - weights[name]) <= 0.51 * step).all()


def test_another_bundle_has_another_digest(packed, tmp_path, change_json):
    other = Path(shutil.copytree(DEFAULT, tmp_path / "other"))
    assert PackedModel(read_bundle(other)).digest == packed.digest
    change_json(other / "config.json", version="other")
    write_digests(other)
    assert PackedModel(read_bundle(other)).digest != packed.digest


def test_a_bundle_that_changes_meanwhile_is_not_packed_under_the_earlier_digest(bundle_copy):
    packed = PackedModel(read_bundle(bundle_copy))
    assert packed.digest
    with (bundle_copy / NETWORK_FILE).open("ab") as network:
        network.write(b"more")
    with pytest.raises(BundleError, match="Start the server again"):
        packed.packed()
