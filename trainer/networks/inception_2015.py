"""InceptionV3 as Google released it in 2015 (inception-2015-12-05): torchvision's network with other pooling.

The averages inside the blocks do not count the padding, and the pooling branch of the last block takes the maximum.
Weights have torchvision's names. Images have 299 by 299 pixels, with the mean and the standard deviation 0.5.
"""

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import inception

INCEPTION_2015 = "inception_v3-2015"


def average_pool(maps: Tensor) -> Tensor:
    """The average of 3 by 3 places `[n, c, h, w]`, at the edges of those that are inside."""
    return F.avg_pool2d(maps, 3, stride=1, padding=1, count_include_pad=False)


def max_pool(maps: Tensor) -> Tensor:
    """The maximum of 3 by 3 places `[n, c, h, w]`."""
    return F.max_pool2d(maps, 3, stride=1, padding=1)


class BlockA(inception.InceptionA):  # type: ignore[misc]  # torchvision has no types
    def _forward(self, x: Tensor) -> list[Tensor]:
        five = self.branch5x5_2(self.branch5x5_1(x))
        three_twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return [self.branch1x1(x), five, three_twice, self.branch_pool(average_pool(x))]


class BlockC(inception.InceptionC):  # type: ignore[misc]
    def _forward(self, x: Tensor) -> list[Tensor]:
        seven = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        seven_once = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        seven_twice = self.branch7x7dbl_5(self.branch7x7dbl_4(seven_once))
        return [self.branch1x1(x), seven, seven_twice, self.branch_pool(average_pool(x))]


class BlockE(inception.InceptionE):  # type: ignore[misc]
    def _forward(self, x: Tensor) -> list[Tensor]:
        three = self.branch3x3_1(x)
        three_twice = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        return [
            self.branch1x1(x),
            self.branch3x3_2a(three),
            self.branch3x3_2b(three),
            self.branch3x3dbl_3a(three_twice),
            self.branch3x3dbl_3b(three_twice),
            self.branch_pool(self.pool(x)),
        ]

    def pool(self, x: Tensor) -> Tensor:
        return average_pool(x)


class LastBlock(BlockE):
    def pool(self, x: Tensor) -> Tensor:
        return max_pool(x)


def inception_2015() -> nn.Module:
    """Images float `[n, 3, 299, 299]` -> features `[n, 2048]`; with random weights."""
    blocks = [BlockA, inception.InceptionB, BlockC, inception.InceptionD, BlockE]
    network: nn.Module = inception.Inception3(
        aux_logits=False,
        inception_blocks=[inception.BasicConv2d, *blocks, inception.InceptionAux],
        init_weights=False,
        dropout=0.0,  # the head has its own dropout
    )
    network.Mixed_7c = LastBlock(2048)
    network.fc = nn.Identity()
    return network
