import pytest
import torch
from django.core.management import CommandError, call_command
from safetensors.torch import load_file, save_file

from dogbreed.bundle import read_bundle
from trainer.networks import build_network
from trainer.recipe import Head


def test_a_blend_lies_between_what_was_learnt_and_what_it_began_with(trained, tmp_path):
    start = build_network("shufflenet_v2_x0_5", 3, Head(), 64).state_dict()
    save_file(start, tmp_path / "start.safetensors")
    out = tmp_path / "blended"
    call_command(
        "blend", trained.run.bundle, out, data=trained.data, weights=str(tmp_path / "start.safetensors"), share=0.25
    )
    learnt, blended = load_file(trained.run.bundle / "weights.safetensors"), load_file(out / "weights.safetensors")
    torch.testing.assert_close(
        blended["head.output.weight"], 0.75 * learnt["head.output.weight"] + 0.25 * start["head.output.weight"]
    )
    config = read_bundle(out).config
    assert "25% of start.safetensors" in config.provenance.backbone_weights
    assert not config.metrics


def test_a_share_of_everything_or_nothing_is_refused(trained, tmp_path):
    with pytest.raises(CommandError, match="between 0 and 1"):
        call_command("blend", trained.run.bundle, tmp_path / "out", data=trained.data, share=1.0)
