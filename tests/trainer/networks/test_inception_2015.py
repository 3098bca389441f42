"""InceptionV3 of 2015: the pooling in which it differs from torchvision's, and a bundle with it."""

import pytest
import torch
from django.core.management import call_command
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.models import inception_v3

from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier
from trainer.networks.inception_2015 import average_pool, inception_2015, max_pool

NINE = torch.arange(9.0).view(1, 1, 3, 3)


def test_an_average_at_the_edge_is_that_of_the_places_inside():
    expected = torch.tensor([[2.0, 2.5, 3.0], [3.5, 4.0, 4.5], [5.0, 5.5, 6.0]])
    torch.testing.assert_close(average_pool(NINE)[0, 0], expected)


def test_a_maximum_keeps_the_size():
    expected = torch.tensor([[4.0, 5.0, 5.0], [7.0, 8.0, 8.0], [7.0, 8.0, 8.0]])
    torch.testing.assert_close(max_pool(NINE)[0, 0], expected)


def inputs_and_outputs(network: nn.Module, images: torch.Tensor) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """What goes into each module and what comes out of it."""
    seen = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda _, inputs, output, name=name: seen.update({name: (inputs[0], output)}))
    with torch.inference_mode():
        network(images)
    return seen


def test_it_differs_from_torchvisions_in_the_pooling_alone():
    torch.manual_seed(0)
    network = inception_2015().eval()
    other = inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
    other.load_state_dict({**other.state_dict(), **network.state_dict()})
    seen = inputs_and_outputs(network, torch.rand(1, 3, 96, 96))
    blocks = [name.removesuffix(".branch_pool") for name in seen if name.endswith(".branch_pool")]
    assert blocks == [f"Mixed_{name}" for name in ["5b", "5c", "5d", "6b", "6c", "6d", "6e", "7b", "7c"]]
    for block in blocks:
        maps, output = seen[block]
        pool = max_pool if block == "Mixed_7c" else average_pool
        pooled, branch = seen[f"{block}.branch_pool"]
        assert torch.equal(pooled, pool(maps))
        with torch.inference_mode():
            of_torchvision = other.get_submodule(block)(maps)
        unpooled = output.shape[1] - branch.shape[1]
        torch.testing.assert_close(output[:, :unpooled], of_torchvision[:, :unpooled])
        assert not torch.allclose(output[:, unpooled:], of_torchvision[:, unpooled:])
    features, answer = seen["avgpool"][1].flatten(1), seen[""][1]
    assert torch.equal(answer, features)
    assert answer.shape == (1, 2048)


@pytest.mark.slow
def test_its_linear_layer_becomes_a_bundle_that_answers(organized, tmp_path):
    torch.manual_seed(0)
    weights = tmp_path / "inception_v3-2015.safetensors"
    half = {name: t.half() if name.endswith("conv.weight") else t for name, t in inception_2015().state_dict().items()}
    save_file(half, weights, metadata={"mean": "0.5, 0.5, 0.5", "std": "0.5, 0.5, 0.5"})
    call_command(
        "train",
        data=organized,
        recipe="inception_v3-2015",
        weights=str(weights),
        run=tmp_path / "run",
        cache=tmp_path / "cache",
        changes=["input.train_size=128", "input.size=128", "training.epochs=2", "training.precision=float32"],
    )
    bundle = read_bundle(tmp_path / "run" / "bundle")
    assert (bundle.config.mean, bundle.config.std) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    written = load_file(bundle.weights)
    assert all(torch.equal(written[f"backbone.{name}"].float(), tensor.float()) for name, tensor in half.items())
    assert Classifier.load(bundle.path, "float32").explains  # it has passed the golden check
