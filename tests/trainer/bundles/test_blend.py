import json
import shutil

import pytest
import torch
from django.core.management import CommandError, call_command
from safetensors.torch import load_file, save_file

from dogbreed.model.bundle import read_bundle
from dogbreed.model.file_digests import write_digests
from trainer.networks.network import build_network
from trainer.recipes.recipe import Head


def test_a_blend_lies_between_the_trained_and_the_starting_weights(trained, tmp_path):
    start = build_network("test_resnet", 3, Head(), 64).state_dict()
    save_file(start, tmp_path / "start.safetensors")
    out = tmp_path / "blended"
    call_command(
        "blend", trained.run.bundle, out, data=trained.data, weights=str(tmp_path / "start.safetensors"), share=0.25
    )
    trained_weights, blended = (
        load_file(trained.run.bundle / "weights.safetensors"),
        load_file(out / "weights.safetensors"),
    )
    torch.testing.assert_close(
        blended["head.output.weight"].float(),
        0.75 * trained_weights["head.output.weight"].float() + 0.25 * start["head.output.weight"],
        rtol=2e-3,  # large tensors are kept in half precision
        atol=1e-4,
    )
    config = read_bundle(out).config
    assert "25% of start.safetensors" in config.provenance.backbone_weights
    assert not config.metrics


def test_a_share_of_one_is_refused(trained, tmp_path):
    with pytest.raises(CommandError, match="at least 0 and below 1"):
        call_command("blend", trained.run.bundle, tmp_path / "out", data=trained.data, share=1.0)


def test_the_average_of_a_bundle_with_itself_is_the_bundle(trained, tmp_path):
    out, bundle = tmp_path / "average", trained.run.bundle
    call_command("blend", bundle, bundle, out, data=trained.data, share=0.0)
    trained_weights, averaged = load_file(bundle / "weights.safetensors"), load_file(out / "weights.safetensors")
    torch.testing.assert_close(averaged, trained_weights)
    assert "average of 2 trainings" in read_bundle(out).config.provenance.backbone_weights


def test_an_average_names_the_teachers_of_all_its_bundles(trained, tmp_path):
    bundles = []
    for name, teachers in (("first", "AB"), ("second", "BC")):
        bundle = shutil.copytree(trained.run.bundle, tmp_path / name)
        config = json.loads((bundle / "config.json").read_text())
        config["provenance"]["teachers"] = [{"name": teacher, "sha256": teacher} for teacher in teachers]
        (bundle / "config.json").write_text(json.dumps(config))
        write_digests(bundle)
        bundles.append(bundle)
    call_command("blend", *bundles, tmp_path / "average", data=trained.data, share=0.0)
    provenance = read_bundle(tmp_path / "average").config.provenance
    assert [teacher.name for teacher in provenance.teachers] == ["A", "B", "C"]


def test_networks_of_different_kinds_are_not_averaged(trained, bundle_copy, tmp_path):
    with pytest.raises(CommandError, match="not of the same network"):
        call_command("blend", trained.run.bundle, bundle_copy, tmp_path / "out", data=trained.data, share=0.0)


def test_the_last_argument_is_the_bundle_to_make_and_must_not_exist_yet(trained, bundle_copy, tmp_path):
    with pytest.raises(CommandError, match=r"exists already and is not overwritten.*blend BUNDLE… OUT"):
        call_command("blend", tmp_path / "out", trained.run.bundle, bundle_copy, data=trained.data)
    with pytest.raises(CommandError, match="the following arguments are required: OUT"):
        call_command("blend", trained.run.bundle, data=trained.data)
