"""The Inception-v3 that the FID is defined with: TensorFlow's graph of 2015-12-05.

Architecture: Szegedy et al., Rethinking the Inception architecture for computer vision, 2016. That
graph has 1008 classes, average pools that do not count the padding, and a maximum pool in the last
block; its auxiliary head is left out. The weights that pytorch-fid and torch-fidelity publish stand
under torchvision's names, so these have the same; tests hold names, shapes and counts against them.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CLASSES, POOLED = 1008, 2048


class Convolution(nn.Module):
    """Convolution, batch norm and ReLU."""

    def __init__(self, inward: int, outward: int, kernel, stride: int = 1, padding=0):
        super().__init__()
        self.conv = nn.Conv2d(inward, outward, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outward, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


def square(inward: int, outward: int, kernel: int) -> Convolution:
    """Returns a convolution that keeps the size."""
    return Convolution(inward, outward, kernel, padding=kernel // 2)


def flat(inward: int, outward: int, kernel: int) -> Convolution:
    """Returns one that looks along rows alone."""
    return Convolution(inward, outward, (1, kernel), padding=(0, kernel // 2))


def tall(inward: int, outward: int, kernel: int) -> Convolution:
    """Returns one that looks along columns alone."""
    return Convolution(inward, outward, (kernel, 1), padding=(kernel // 2, 0))


def halving(inward: int, outward: int) -> Convolution:
    """Returns one that halves the size."""
    return Convolution(inward, outward, 3, stride=2)


def averaged(x: Tensor) -> Tensor:
    """Returns means of 3 x 3; at the edge, of what there is."""
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def halved(x: Tensor) -> Tensor:
    """Returns maxima of 3 x 3, at every second pixel."""
    return F.max_pool2d(x, 3, stride=2)


class Mixed35(nn.Module):
    """Blocks at 35 x 35 pixels: 1 x 1, 5 x 5, twice 3 x 3, and a pool."""

    def __init__(self, inward: int, pool: int):
        super().__init__()
        self.branch1x1 = square(inward, 64, 1)
        self.branch5x5_1 = square(inward, 48, 1)
        self.branch5x5_2 = square(48, 64, 5)
        self.branch3x3dbl_1 = square(inward, 64, 1)
        self.branch3x3dbl_2 = square(64, 96, 3)
        self.branch3x3dbl_3 = square(96, 96, 3)
        self.branch_pool = square(inward, pool, 1)

    def forward(self, x: Tensor) -> Tensor:
        five = self.branch5x5_2(self.branch5x5_1(x))
        twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch1x1(x), five, twice, self.branch_pool(averaged(x))], 1)


class Mixed35To17(nn.Module):
    """From 35 x 35 to 17 x 17 pixels."""

    def __init__(self, inward: int):
        super().__init__()
        self.branch3x3 = halving(inward, 384)
        self.branch3x3dbl_1 = square(inward, 64, 1)
        self.branch3x3dbl_2 = square(64, 96, 3)
        self.branch3x3dbl_3 = halving(96, 96)

    def forward(self, x: Tensor) -> Tensor:
        twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), twice, halved(x)], 1)


class Mixed17(nn.Module):
    """Blocks at 17 x 17 pixels: 1 x 1, 7 x 7 in two passes, that twice, and a pool."""

    def __init__(self, narrow: int):
        super().__init__()
        self.branch1x1 = square(768, 192, 1)
        self.branch7x7_1 = square(768, narrow, 1)
        self.branch7x7_2 = flat(narrow, narrow, 7)
        self.branch7x7_3 = tall(narrow, 192, 7)
        self.branch7x7dbl_1 = square(768, narrow, 1)
        self.branch7x7dbl_2 = tall(narrow, narrow, 7)
        self.branch7x7dbl_3 = flat(narrow, narrow, 7)
        self.branch7x7dbl_4 = tall(narrow, narrow, 7)
        self.branch7x7dbl_5 = flat(narrow, 192, 7)
        self.branch_pool = square(768, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        twice = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        twice = self.branch7x7dbl_5(self.branch7x7dbl_4(twice))
        return torch.cat([self.branch1x1(x), once, twice, self.branch_pool(averaged(x))], 1)


class Mixed17To8(nn.Module):
    """From 17 x 17 to 8 x 8 pixels."""

    def __init__(self):
        super().__init__()
        self.branch3x3_1 = square(768, 192, 1)
        self.branch3x3_2 = halving(192, 320)
        self.branch7x7x3_1 = square(768, 192, 1)
        self.branch7x7x3_2 = flat(192, 192, 7)
        self.branch7x7x3_3 = tall(192, 192, 7)
        self.branch7x7x3_4 = halving(192, 192)

    def forward(self, x: Tensor) -> Tensor:
        three = self.branch3x3_2(self.branch3x3_1(x))
        seven = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))
        return torch.cat([three, self.branch7x7x3_4(seven), halved(x)], 1)


class Mixed8(nn.Module):
    """Blocks at 8 x 8 pixels, whose 3 x 3 part into rows beside columns."""

    def __init__(self, inward: int, pool):
        super().__init__()
        self.pool = pool
        self.branch1x1 = square(inward, 320, 1)
        self.branch3x3_1 = square(inward, 384, 1)
        self.branch3x3_2a = flat(384, 384, 3)
        self.branch3x3_2b = tall(384, 384, 3)
        self.branch3x3dbl_1 = square(inward, 448, 1)
        self.branch3x3dbl_2 = square(448, 384, 3)
        self.branch3x3dbl_3a = flat(384, 384, 3)
        self.branch3x3dbl_3b = tall(384, 384, 3)
        self.branch_pool = square(inward, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch3x3_1(x)
        twice = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        parts = [self.branch1x1(x), self.branch3x3_2a(once), self.branch3x3_2b(once)]
        parts += [self.branch3x3dbl_3a(twice), self.branch3x3dbl_3b(twice)]
        return torch.cat([*parts, self.branch_pool(self.pool(x))], 1)


def largest(x: Tensor) -> Tensor:
    """Returns maxima of 3 x 3, at every pixel."""
    return F.max_pool2d(x, 3, stride=1, padding=1)


class Inception(nn.Module):
    """The network up to its 2048 pooled features; `fc` is there for the file's sake alone."""

    def __init__(self):
        super().__init__()
        self.Conv2d_1a_3x3 = halving(3, 32)
        self.Conv2d_2a_3x3 = Convolution(32, 32, 3)
        self.Conv2d_2b_3x3 = square(32, 64, 3)
        self.Conv2d_3b_1x1 = square(64, 80, 1)
        self.Conv2d_4a_3x3 = Convolution(80, 192, 3)
        self.Mixed_5b = Mixed35(192, 32)
        self.Mixed_5c = Mixed35(256, 64)
        self.Mixed_5d = Mixed35(288, 64)
        self.Mixed_6a = Mixed35To17(288)
        self.Mixed_6b = Mixed17(128)
        self.Mixed_6c = Mixed17(160)
        self.Mixed_6d = Mixed17(160)
        self.Mixed_6e = Mixed17(192)
        self.Mixed_7a = Mixed17To8()
        self.Mixed_7b = Mixed8(1280, averaged)
        self.Mixed_7c = Mixed8(2048, largest)
        self.fc = nn.Linear(POOLED, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Returns (N, 2048) from (N, 3, 299, 299), -1 to 1."""
        x = halved(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))))
        x = halved(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)))
        for part in (self.Mixed_5b, self.Mixed_5c, self.Mixed_5d, self.Mixed_6a, self.Mixed_6b):
            x = part(x)
        for part in (self.Mixed_6c, self.Mixed_6d, self.Mixed_6e, self.Mixed_7a, self.Mixed_7b):
            x = part(x)
        return self.Mixed_7c(x).mean((2, 3))
