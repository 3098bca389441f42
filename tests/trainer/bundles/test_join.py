import shutil

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from safetensors.torch import save_file

from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.file_digests import DIGESTS_FILE
from dogbreed.photos.preprocessing import to_input
from tests.trainer.conftest import draw_dog
from trainer.networks.network import build_network
from trainer.recipes.recipe import Head


@pytest.fixture(scope="module")
def other(trained, tmp_path_factory):
    """A bundle of another network, with another normalization of its images."""
    folder = tmp_path_factory.mktemp("other")
    start = build_network("squeezenet1_1", 3, Head(), 64).state_dict()
    save_file(start, folder / "start.safetensors", {"mean": "0.5 0.4 0.3", "std": "0.2 0.3 0.4"})
    train = {"data": trained.data, "recipe": str(trained.recipe), "weights": str(folder / "start.safetensors")}
    call_command("train", **train, set=["architecture=squeezenet1_1"], epochs=2, run=folder / "run")
    return folder / "run" / "bundle"


@pytest.fixture(scope="module")
def joined(trained, other, tmp_path_factory):
    out = tmp_path_factory.mktemp("joined") / "bundle"
    call_command("join", trained.run.bundle, other, out, data=trained.data, shares=[3, 1])
    return out


def log_probabilities(bundle, seed: int) -> NDArray[np.float32]:
    classifier = Classifier.load(bundle, precision="float32")
    image = to_input(draw_dog("round_hound", seed), classifier.config)
    logarithms: NDArray[np.float32] = np.log(classifier.probabilities(image[None])[0])
    return logarithms


def test_the_logits_of_a_joined_bundle_are_the_weighted_mean_of_those_of_its_parts(trained, other, joined):
    temperature = read_bundle(joined).config.calibration.temperature
    for seed in range(3):
        first, second, both = (log_probabilities(bundle, seed) for bundle in (trained.run.bundle, other, joined))
        difference = both * temperature - (0.75 * first + 0.25 * second)
        np.testing.assert_allclose(difference, difference[0], atol=0.02)  # weights are kept in half precision
        assert np.ptp(both) > 0.1


def test_a_joined_bundle_says_what_it_is_made_of_and_can_be_exported_again(trained, other, joined, tmp_path):
    config = read_bundle(joined).config
    assert config.architecture == "test_resnet+squeezenet1_1"
    assert "75% of " in config.provenance.recipe["description"]
    assert "start.safetensors" in config.provenance.backbone_weights
    assert "test_resnet+squeezenet1_1" in (joined / "MODEL_CARD.md").read_text()
    assert not config.metrics
    assert config.calibration.shortlist
    call_command("export", joined, tmp_path / "again")
    np.testing.assert_allclose(log_probabilities(tmp_path / "again", 0), log_probabilities(joined, 0), atol=1e-4)


def test_what_cannot_be_joined_is_refused(trained, other, change_json, tmp_path):
    out, changed = tmp_path / "out", shutil.copytree(other, tmp_path / "changed")
    (changed / DIGESTS_FILE).unlink()
    change_json(changed / "config.json", label_names=["a", "b", "c"])
    with pytest.raises(CommandError, match="at least two bundles"):
        call_command("join", other, out, data=trained.data)
    with pytest.raises(CommandError, match="2 positive numbers"):
        call_command("join", other, other, out, data=trained.data, shares=[1, 0])
    with pytest.raises(CommandError, match="for other breeds"):
        call_command("join", other, changed, out, data=trained.data)
    change_json(changed / "config.json", label_names=read_bundle(other).config.label_names, crop_mode="center")
    with pytest.raises(CommandError, match="crop_mode is center instead of squash"):
        call_command("join", other, changed, out, data=trained.data)
    with pytest.raises(CommandError, match="exists already"):
        call_command("join", other, other, changed, data=trained.data)
    assert not out.exists()


def test_a_head_with_hidden_layers_cannot_be_joined(trained, other, tmp_path):
    call_command(
        "train",
        data=trained.data,
        recipe=str(trained.recipe),
        weights="none",
        set=["head.hidden=[8]"],
        epochs=1,
        run=tmp_path / "run",
    )
    with pytest.raises(CommandError, match="more than one layer"):
        call_command("join", other, tmp_path / "run" / "bundle", tmp_path / "out", data=trained.data)
