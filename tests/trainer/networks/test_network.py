import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import mobilenet_v2, vgg11

from dogbreed.model.engines import OpenVINOEngine
from dogbreed.model.golden_input import golden_input
from tests.conftest import tiny_config
from trainer.bundles.onnx_file import write_onnx
from trainer.networks.network import NetworkError, build_network
from trainer.networks.score_tensors import ScoreTensors
from trainer.networks.served import ServedNetwork
from trainer.networks.weights import Pretrained, load_pretrained
from trainer.recipes.recipe import Head

PLAIN = Head(dropout=0.0)


@pytest.mark.parametrize(
    ("architecture", "features"),
    [
        ("resnet18", 512),
        ("mobilenet_v2", 1280),
        ("squeezenet1_1", 512),  # its classifier is a convolution
        ("googlenet", 1024),  # it has auxiliary classifiers
        ("simple-cnn", 2048),
        ("legacy_xception", 2048),  # timm's
        ("test_vit", 64),  # timm's, and no convolution
    ],
)
def test_any_architecture_becomes_a_backbone_and_a_head(architecture, features):
    network = build_network(architecture, 5, PLAIN, size=160).eval()
    images = torch.zeros(2, 3, 160, 160)
    assert network.backbone(images).shape == (2, features)
    assert network(images).shape == (2, 5)


@pytest.mark.parametrize("make", [mobilenet_v2, vgg11])
@pytest.mark.slow
def test_the_libraries_own_weights_answer_as_they_do_in_the_library(make):
    """Backbone and head, put together again, are the network that they were taken from."""
    torch.manual_seed(0)
    original = make(num_classes=7).eval()
    network = build_network(make.__name__, 7, PLAIN, 64).eval()
    weights = Pretrained(original.state_dict(), "original")
    load_pretrained(network, weights, make.__name__, [f"breed_{i}" for i in range(7)], from_imagenet=False)
    images = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(network(images), original(images))


def test_the_published_head_is_what_its_recipe_says():
    head = build_network("resnet18", 120, Head(hidden=[800], dropout=0.35), 64).head
    kinds = [type(layer) for layer in head]
    assert kinds == [nn.Linear, nn.ReLU, nn.Dropout, nn.Linear]
    assert [layer.out_features for layer in head if isinstance(layer, nn.Linear)] == [800, 120]


def test_an_unknown_architecture_says_what_there_is():
    with pytest.raises(NetworkError, match="Choose simple-cnn, a classifier of torchvision "):
        build_network("resnet9000", 3, PLAIN, 64)


def test_a_network_for_one_size_only_says_so():
    with pytest.raises(NetworkError, match="vit_b_16 does not take images of 64 by 64 pixels"):
        build_network("vit_b_16", 3, PLAIN, 64)


def test_a_network_that_mirrors_gives_a_photo_and_its_mirror_image_the_same_answer():
    torch.manual_seed(0)
    network = build_network("resnet18", 5, PLAIN, 64, mirror=True).eval()
    images = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(network(images), network(images.flip(3)))
    plain = network.head(network.backbone(images))
    mirrored = network.head(network.backbone(images.flip(3)))
    torch.testing.assert_close(network(images), (plain + mirrored) / 2)


@pytest.mark.parametrize("size", [64, 112])
@pytest.mark.slow
def test_the_simple_network_can_be_served_whatever_the_size(size, tmp_path):
    config = tiny_config(architecture="simple-cnn", input_size=(3, size, size))
    network = build_network("simple-cnn", 3, PLAIN, size).eval()
    write_onnx(ServedNetwork(network, ScoreTensors(), config.input_size[1]), config, tmp_path / "model.onnx")
    batch = golden_input(config, seed=0)
    served = OpenVINOEngine(tmp_path / "model.onnx", config, "float32").outputs(batch)["logits"]
    np.testing.assert_allclose(served, network(torch.from_numpy(batch)).detach().numpy(), atol=1e-4)
