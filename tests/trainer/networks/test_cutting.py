"""A backbone cut into two parts."""

import pytest
import torch
from torch import nn
from torchvision import models

from trainer.networks.cutting import cut_backbone
from trainer.networks.network import NetworkError, build_backbone


@pytest.mark.parametrize(
    ("name", "through"),
    [
        ("resnet18", "layer3"),
        ("mobilenet_v2", "features.13"),
        ("shufflenet_v2_x0_5", "stage3"),
        ("tf_efficientnet_lite0", "blocks.4"),
    ],
)
def test_two_parts_do_what_the_backbone_does_and_divide_its_layers_between_them(name, through):
    backbone = build_backbone(name).eval()
    front, back = cut_backbone(backbone, through, 64)
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(back(front(images)), backbone(images))
    whole, first, last = ({id(p) for p in part.parameters()} for part in (backbone, front, back))
    assert first | last == whole
    assert not first & last
    assert first
    assert last


def test_a_module_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(NetworkError, match=r"no module 'stage9'.*conv1, maxpool, stage2, stage3"):
        cut_backbone(models.shufflenet_v2_x0_5(), "stage9", 64)


class Shortcut(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)

    def forward(self, images):
        return (images + self.second(self.first(images))).mean(dim=(2, 3))


def test_a_backbone_in_which_a_shortcut_passes_the_cut_is_refused():
    with pytest.raises(NetworkError, match="more than its output"):
        cut_backbone(Shortcut(), "first", 8)


def test_a_module_whose_output_is_no_map_is_refused():
    with pytest.raises(NetworkError, match="is no map over the photo"):
        cut_backbone(build_backbone("vit_tiny_patch16_224"), "blocks.2", 224)
