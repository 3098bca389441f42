import shutil

import pytest
import torch
from safetensors.torch import load_file

from dogbreed.model.bundle import BundleError
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import ENGINES
from dogbreed.model.file_digests import DIGESTS_FILE

SMALL = 1024  # bytes


def test_the_weights_are_on_disk_once_and_in_half_precision(trained):
    bundle = trained.run.bundle
    weights = load_file(bundle / "weights.safetensors")
    large = {name: tensor for name, tensor in weights.items() if tensor.ndim > 1}
    assert {tensor.dtype for tensor in large.values()} == {torch.float16}
    network = (bundle / "model.onnx").read_bytes()
    for name, tensor in large.items():
        if tensor.nbytes > SMALL:
            assert tensor.numpy().tobytes() not in network, name
            assert tensor.float().numpy().tobytes() not in network, name


def test_the_network_does_not_tell_where_it_was_exported(trained):
    assert b"site-packages" not in (trained.run.bundle / "model.onnx").read_bytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bundle_without_its_weights_is_refused(trained, tmp_path, engine):
    bundle = shutil.copytree(trained.run.bundle, tmp_path / "bundle")
    (bundle / DIGESTS_FILE).unlink()
    Classifier.load(bundle, "float32", engine)
    (bundle / "weights.safetensors").rename(tmp_path / "elsewhere.safetensors")
    with pytest.raises(BundleError):
        Classifier.load(bundle, "float32", engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bundle_whose_weights_were_changed_is_refused(trained, tmp_path, engine):
    bundle = shutil.copytree(trained.run.bundle, tmp_path / "bundle")
    (bundle / DIGESTS_FILE).unlink()
    weights = bundle / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    weights.write_bytes(data)
    with pytest.raises(BundleError):
        Classifier.load(bundle, "float32", engine)
