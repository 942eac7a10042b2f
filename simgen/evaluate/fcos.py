"""A small detector that learns in minutes without a GPU: FCOS's idea (Tian et al. 2019), one level.

A feature pyramid over EfficientNet-Lite0 ends in one map at stride 8, over which three layers look
ever further around (Yu and Koltun 2016). Each of its cells near the middle of an object says what
the object is (focal loss, Lin et al. 2017; cross entropy among the classes, where there is one) and
how far away its four sides are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from simgen.checks import require
from simgen.errors import SimgenError
from simgen.evaluate.assign import Target, assign, centres
from simgen.evaluate.boxes import generalized, keep
from simgen.evaluate.efficientnet import CHANNELS, EfficientNetLite0, fold, pretrained
from simgen.evaluate.weights import LITE0_SHA256

STRIDE = 8
FROZEN = 3  # blocks, up to stride 4, that stay as ImageNet left them
_APART = (1, 2, 4)  # cells between those that a layer of the trunk looks at
_RARE = -4.6  # log odds of an object in a cell, before anything is learnt


@dataclass(frozen=True)
class Small:
    """The detector that is there without any download.

    Attributes:
        width: channels of its pyramid, a multiple of 8.
    """

    width: int = 64
    name = "FCOS at stride 8, dilated, on EfficientNet-Lite0"
    weights_sha256 = LITE0_SHA256

    def __post_init__(self):
        require(8, 1024, whole=True, fixed=True, width=self.width)
        if self.width % 8:
            raise SimgenError(f"width={self.width} must be a multiple of 8")

    def new(self, classes: int) -> "Fcos":
        """Returns a detector whose backbone knows ImageNet, and whose head knows nothing."""
        return Fcos(pretrained()[0], classes, self.width)


class Fcos(nn.Module):
    """Detects objects of `classes` kinds in (N, 3, H, W) float32 pictures, `normalized`.

    Above stride 4 batch norms learn too: with ImageNet's statistics, in the same number of steps,
    the detector found playing cards but not which they were (AP50 0.56 instead of 0.77). Nor did it
    with the focal loss alone (0.83 instead of 0.90), for which half right is as good as right.
    """

    def __init__(self, backbone: EfficientNetLite0, classes: int, width: int):
        super().__init__()
        self.backbone = backbone
        for part in (backbone.stem, *backbone.blocks[:FROZEN], backbone.head):
            fold(part.requires_grad_(False))
        self.lateral = nn.ModuleList(nn.Conv2d(inward, width, 1) for inward in CHANNELS)
        self.trunk = nn.Sequential(*(_layer(width, apart) for apart in _APART))
        self.classify = nn.Conv2d(width, classes, 3, padding=1)
        self.locate = nn.Conv2d(width, 4, 3, padding=1)
        nn.init.constant_(self.classify.bias, _RARE)
        nn.init.constant_(self.locate.bias, 1.5)  # sides 4.5 cells away
        self.to(memory_format=torch.channels_last)

    def parameter_groups(self) -> list[dict]:
        """Returns what learns, all of it at full pace."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "pace": 1.0}]

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Returns (N, H/8 W/8, classes) log odds and (N, H/8 W/8, 4) boxes x0, y0, x1, y1."""
        maps = self.backbone.stages(images.contiguous(memory_format=torch.channels_last))
        x: Tensor | float = 0.0
        for features, lateral in zip(reversed(maps), reversed(self.lateral)):
            here = lateral(features)
            x = here if isinstance(x, float) else here + F.interpolate(x, size=here.shape[-2:])
        x = self.trunk(x)
        away = self.locate(x).clamp(max=5).exp().flatten(2).transpose(1, 2) * STRIDE
        at = centres(*x.shape[-2:], STRIDE).to(x)
        boxes = torch.cat([at - away[..., :2], at + away[..., 2:]], -1)
        return self.classify(x).flatten(2).transpose(1, 2), boxes

    def loss(self, images: Tensor, targets: Sequence[Target]) -> Tensor:
        """Returns the loss of a batch; `targets` are (boxes (n, 4), labels (n,)) by picture."""
        odds, boxes = self(images)
        at = centres(images.shape[-2] // STRIDE, images.shape[-1] // STRIDE, STRIDE)
        found = [assign(at, STRIDE, *target) for target in targets]
        labels = torch.stack([label for label, _ in found])
        inside = labels >= 0
        wanted = torch.stack([box for _, box in found])[inside]
        kinds = F.one_hot(labels + 1, odds.shape[-1] + 1)[..., 1:].to(odds)
        sides = (1 - generalized(boxes[inside], wanted)).sum()
        which = F.cross_entropy(odds[inside], labels[inside], reduction="sum")
        return (_focal(odds, kinds) + which + 2 * sides) / max(int(inside.sum()), 1)

    @torch.no_grad()
    def detect(self, images: Tensor, least: float = 0.02, most: int = 100) -> list[tuple]:
        """Returns (boxes (n, 4), scores (n,), labels (n,)) of each picture, best first."""
        odds, boxes = self(images)
        found = []
        for chances, sides in zip(odds.sigmoid(), boxes):
            scores, place = chances.flatten().topk(min(10 * most, chances.numel()))
            place = place[scores > least]
            scores, labels = scores[scores > least], place % chances.shape[1]
            here = sides[place // chances.shape[1]]
            best = keep(here, scores, labels, 0.6)[:most]
            found.append((here[best], scores[best], labels[best]))
        return found


def _layer(width: int, apart: int) -> nn.Sequential:
    convolution = nn.Conv2d(width, width, 3, padding=apart, dilation=apart, bias=False)
    return nn.Sequential(convolution, nn.GroupNorm(8, width), nn.ReLU())


def _focal(odds: Tensor, kinds: Tensor) -> Tensor:
    """Returns the focal loss: cross entropy, weighed by the square of how far off the score is."""
    loss = F.binary_cross_entropy_with_logits(odds, kinds, reduction="none")
    return (loss * (kinds - odds.sigmoid()).abs() ** 2).sum()
