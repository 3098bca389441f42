"""What is served beside the logits, for networks of every kind."""

import numpy as np
import pytest
import torch

from dogbreed.model.engines import ENGINES, load_engine
from tests.conftest import tiny_config
from trainer.bundles.onnx_file import write_onnx
from trainer.networks.network import build_network
from trainer.networks.score_tensors import DOG_ROWS, KnownBreeds, ScoreTensors, read_score_tensors
from trainer.networks.served import ServedNetwork
from trainer.photos.far_view import far_view
from trainer.photos.folders import LabelledPhoto
from trainer.recipes.recipe import Head

SIZE = 64
PLAIN = Head(dropout=0.2)


NO_SCORES = ScoreTensors()


def served(
    architecture: str, head: Head = PLAIN, mirror: bool = False, score_tensors: ScoreTensors = NO_SCORES
) -> ServedNetwork:
    torch.manual_seed(0)
    return ServedNetwork(build_network(architecture, 3, head, SIZE, mirror).eval(), score_tensors, SIZE).eval()


def said(network: ServedNetwork, images: torch.Tensor) -> dict[str, torch.Tensor]:
    with torch.inference_mode():
        return dict(zip(network.names, network(images), strict=True))


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(
    "architecture", ["shufflenet_v2_x0_5", "resnet18", "squeezenet1_1", "densenet121", "test_resnet"]
)
def test_what_the_places_say_adds_up_to_the_answer(architecture, mirror):
    network, images = served(architecture, mirror=mirror), torch.rand(2, 3, SIZE, SIZE)
    outputs = said(network, images)
    assert outputs["evidence"].shape[:2] == (2, 3)
    torch.testing.assert_close(outputs["evidence"].mean(dim=(2, 3)), outputs["logits"], rtol=1e-3, atol=1e-4)
    with torch.inference_mode():
        torch.testing.assert_close(outputs["logits"], network.network(images))


def test_a_head_with_batch_normalization_still_adds_up():
    outputs = said(served("shufflenet_v2_x0_5", Head(batch_norm=True)), torch.rand(2, 3, SIZE, SIZE))
    torch.testing.assert_close(outputs["evidence"].mean(dim=(2, 3)), outputs["logits"], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("architecture", "head", "reason"),
    [("shufflenet_v2_x0_5", Head(hidden=[8]), "hidden layers"), ("simple-cnn", PLAIN, "not the mean of a map")],
)
def test_where_no_heat_map_is_possible_it_is_left_out_and_said_why(architecture, head, reason):
    network = served(architecture, head)
    assert "evidence" not in network.names
    assert reason in network.no_class_activation_maps


def test_the_heat_map_of_a_mirror_image_is_the_mirror_image():
    images = torch.rand(1, 3, SIZE, SIZE)
    network = served("resnet18", mirror=True)
    first, second = (said(network, x)["evidence"] for x in (images, images.flip(3)))
    torch.testing.assert_close(first, second.flip(3), rtol=1e-3, atol=1e-4)


def score_tensors_for(width: int) -> ScoreTensors:
    torch.manual_seed(1)
    known = KnownBreeds(torch.randn(width), torch.tensor(0.5), torch.tensor(-1.0))
    return ScoreTensors((torch.randn(1000, width), torch.randn(1000)), torch.rand(width), known)


def test_scores_are_what_their_formulas_say():
    score_tensors = score_tensors_for(512)
    network, images = served("resnet18", score_tensors=score_tensors), torch.rand(2, 3, SIZE, SIZE)
    outputs = said(network, images)
    with torch.inference_mode():
        features = network.network.backbone(images)
    assert score_tensors.imagenet is not None
    assert score_tensors.center is not None
    logits = features @ score_tensors.imagenet[0].half().float().T + score_tensors.imagenet[1].half().float()
    others = sorted(set(range(1000)) - set(DOG_ROWS) - {537, 676})  # a sled and a muzzle stand beside dogs
    torch.testing.assert_close(
        outputs["dog"], logits[:, DOG_ROWS].amax(1) - logits[:, others].amax(1), rtol=1e-3, atol=1e-3
    )
    cosines = torch.cosine_similarity((features - score_tensors.center)[:, None], network.last.weight[None], dim=2)
    torch.testing.assert_close(outputs["familiarity"], cosines.amax(dim=1), rtol=1e-3, atol=1e-4)
    assert score_tensors.known is not None
    known = features @ score_tensors.known.weight + 0.5 * outputs["logits"].logsumexp(dim=1) - 1
    torch.testing.assert_close(outputs["known_breed"], known, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("row", "is_dog"), [(207, True), (281, False)])  # golden retriever, tabby
@pytest.mark.parametrize("beside", [537, 676])
def test_a_muzzle_or_a_sled_is_no_evidence_against_a_dog(row, is_dog, beside):
    bias = torch.zeros(1000)
    bias[row], bias[beside] = 8, 10
    network = served("resnet18", score_tensors=ScoreTensors((torch.zeros(1000, 512), bias)))
    assert bool(said(network, torch.rand(1, 3, SIZE, SIZE))["dog"] > 0) is is_dog


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.slow
def test_both_engines_give_every_output(tmp_path, engine):
    network = served("resnet18", mirror=True, score_tensors=score_tensors_for(512))
    config = tiny_config(input_size=(3, SIZE, SIZE))
    write_onnx(network, config, tmp_path / "model.onnx")
    images = torch.rand(2, 3, SIZE, SIZE)
    outputs = load_engine(engine, tmp_path / "model.onnx", config, "float32").outputs(images.numpy())
    assert list(outputs) == ["logits", "evidence", "dog", "familiarity", "known_breed"]
    for name, expected in said(network, images).items():
        np.testing.assert_allclose(outputs[name], expected.numpy(), rtol=2e-3, atol=2e-3)


def test_score_tensors_are_found_again_among_the_weights():
    again = read_score_tensors(score_tensors_for(8).state())
    assert again.imagenet is not None
    assert again.center is not None
    assert again.imagenet[0].shape == (1000, 8)
    assert again.known is not None
    assert again.known.weight.shape == (8,)


def test_a_far_view_depends_on_the_name_alone_and_shows_the_whole_photo(tmp_path):
    from tests.image_files import noise

    photo = noise((80, 60))
    views = [
        far_view(photo, LabelledPhoto(tmp_path / "beagle" / name, "beagle")) for name in ("a.jpg", "a.jpg", "b.jpg")
    ]
    assert np.array_equal(np.asarray(views[0]), np.asarray(views[1]))
    assert views[0].size != views[2].size
    for view in views:
        assert 80 <= view.width <= 128
        assert 60 <= view.height <= 96
