"""Backbones side by side, so that one head answers from the features of several networks."""

import torch
from torch import Tensor, nn

JOIN = "+"  # between the names of joined architectures
Channels = tuple[float, float, float]
Normalization = tuple[Channels, Channels]  # mean and standard deviation


class JoinedBackbones(nn.Module):
    """Images float `[n, 3, h, w]` in the normalization of the first backbone -> all features `[n, d1 + d2 + …]`."""

    def __init__(self, backbones: list[nn.Module]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(RenormalizedBackbone(backbone) for backbone in backbones)

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat([part(images) for part in self.parts], dim=1)


class RenormalizedBackbone(nn.Module):
    """A backbone that sees images in its own normalization: image * scale + shift, for each channel."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.register_buffer("scale", torch.ones(3))
        self.register_buffer("shift", torch.zeros(3))

    def forward(self, images: Tensor) -> Tensor:
        scale, shift = self.get_buffer("scale"), self.get_buffer("shift")
        features: Tensor = self.backbone(images * scale[:, None, None] + shift[:, None, None])
        return features


def renormalization(given: Normalization, wanted: Normalization) -> tuple[Tensor, Tensor]:
    """Scale and shift `[3]` from images that are normalized as given to the same images normalized as wanted."""
    (mean, std), (own_mean, own_std) = (torch.tensor(each, dtype=torch.float64) for each in (given, wanted))
    return (std / own_std).float(), ((mean - own_mean) / own_std).float()
