import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet18

from trainer.networks.network import build_network
from trainer.networks.weights import Pretrained, WeightsError, imagenet_rows, load_pretrained, read_weights
from trainer.recipes.recipe import Head

LABELS = ["my_own_mongrel", "pembroke", "shih-tzu"]


@pytest.fixture(scope="module")
def imagenet_like():
    """ResNet-18 with random weights and ImageNet's thousand classes, as a file of weights would hold it."""
    torch.manual_seed(0)
    return Pretrained(resnet18().state_dict(), "made-up.safetensors")


def test_breeds_that_imagenet_knows_are_found_by_name():
    assert imagenet_rows(LABELS) == {1: 263, 2: 155}


def test_the_head_starts_from_imagenets_rows_where_there_are_any(imagenet_like):
    network = build_network("resnet18", 3, Head(), 64)
    own = network.state_dict()["head.output.weight"][0].clone()
    assert load_pretrained(network, imagenet_like, "resnet18", LABELS, from_imagenet=True) == 2
    state = network.state_dict()
    assert torch.equal(state["head.output.weight"][1], imagenet_like.state["fc.weight"][263])
    assert torch.equal(state["head.output.bias"][2], imagenet_like.state["fc.bias"][155])
    assert torch.equal(state["head.output.weight"][0], own)
    assert torch.equal(state["backbone.conv1.weight"], imagenet_like.state["conv1.weight"])


def test_weights_of_another_architecture_are_refused_by_name(imagenet_like):
    network = build_network("mobilenet_v2", 3, Head(), 64)
    with pytest.raises(WeightsError, match=r"made-up.safetensors are not those of mobilenet_v2"):
        load_pretrained(network, imagenet_like, "mobilenet_v2", LABELS, from_imagenet=True)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_are_read_from_both_kinds_of_file(imagenet_like, tmp_path, suffix):
    path = tmp_path / f"weights{suffix}"
    if suffix == ".pth":
        torch.save(imagenet_like.state, path)
    else:
        save_file(imagenet_like.state, path, metadata={"mean": "0.5 0.5 0.5", "std": "0.25 0.25 0.25"})
    read = read_weights(path, "resnet18")
    assert read
    assert torch.equal(read.state["fc.bias"], imagenet_like.state["fc.bias"])
    assert read.std == ((0.25, 0.25, 0.25) if suffix == ".safetensors" else (0.229, 0.224, 0.225))


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_file_that_holds_no_weights_is_refused(tmp_path, suffix):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        read_weights(path, "resnet18")


def test_without_internet_it_says_what_to_download_and_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens on the discard port
    with pytest.raises(WeightsError) as error:
        read_weights("imagenet", "resnet152")
    assert "https://download.pytorch.org/models/resnet152-" in str(error.value)
    assert str(tmp_path / "hub" / "checkpoints") in str(error.value)
    assert "--weights FILE" in str(error.value)


def test_a_network_tuned_before_is_taken_up_whole_with_its_head(tmp_path):
    tuned = build_network("resnet18", 3, Head(), 64).state_dict()
    network = build_network("resnet18", 3, Head(), 64)
    load_pretrained(network, Pretrained(tuned, "mine.safetensors"), "resnet18", LABELS, from_imagenet=True)
    assert all(torch.equal(tensor, tuned[name]) for name, tensor in network.state_dict().items())
