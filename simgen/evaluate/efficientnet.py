"""EfficientNet-Lite0 (Tan and Le 2019; the Lite variant without squeeze-and-excitation, ReLU6)."""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from simgen.evaluate.weights import LITE0, LITE0_SHA256, Weights, lite0_file, load

MEAN, SCALE = 127.0, 128.0  # an 8-bit value v enters as (v - MEAN) / SCALE
STEM, HEAD = 32, 1280  # channels
# repeats, kernel, stride, expansion, channels
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
CHANNELS = (40, 112, 320)  # of the features at strides 8, 16 and 32
_LAST_OF = (4, 10, 15)  # blocks that end those strides
_MOMENTUM = 0.1  # of the norms' statistics: in the few steps there are, 0.01 leaves them behind
_EPSILON = 1e-3


class Convolution(nn.Sequential):
    """Convolution and batch norm, padded as TensorFlow pads ("same": the odd pixel at the end)."""

    def __init__(self, inward: int, outward: int, kernel: int, stride: int = 1, groups: int = 1):
        even = 0 if stride > 1 else kernel // 2
        super().__init__(
            nn.Conv2d(inward, outward, kernel, stride, even, groups=groups, bias=False),
            nn.BatchNorm2d(outward, _EPSILON, _MOMENTUM),
        )
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        if self.stride > 1:
            over = [max(self.kernel - (size - 1) % self.stride - 1, 0) for size in x.shape[:1:-1]]
            left, top = (o // 2 for o in over)
            x = F.pad(x, (left, over[0] - left, top, over[1] - top))
        return super().forward(x)

    def fold(self) -> None:
        """Lets the convolution do the norm's work too, with the statistics that it has."""
        self[0], self[1] = fuse_conv_bn_eval(self[0].eval(), self[1].eval()), nn.Identity()


class Block(nn.Module):
    """Inverted residual bottleneck (Sandler et al. 2018)."""

    def __init__(self, inward: int, outward: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = inward * expansion
        self.expand = Convolution(inward, wide, 1) if expansion > 1 else None
        self.depthwise = Convolution(wide, wide, kernel, stride, groups=wide)
        self.project = Convolution(wide, outward, 1)
        self.adds = stride == 1 and inward == outward

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self.expand(x), inplace=True) if self.expand else x
        y = self.project(F.relu6(self.depthwise(y), inplace=True))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    """Features of pictures given as (N, 3, H, W) float32, `normalized`."""

    def __init__(self):
        super().__init__()
        self.stem = Convolution(3, STEM, 3, 2)
        self.blocks = nn.ModuleList(_blocks())
        self.head = Convolution(STAGES[-1][-1], HEAD, 1)

    def stages(self, x: Tensor) -> list[Tensor]:
        """Returns features at strides 8, 16 and 32, with CHANNELS channels."""
        x, found = F.relu6(self.stem(x), inplace=True), []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in _LAST_OF:
                found.append(x)
        return found

    def pooled(self, x: Tensor) -> Tensor:
        """Returns (N, 1280): the head averaged over the picture, as the classifier sees it."""
        return F.relu6(self.head(self.stages(x)[-1])).mean((2, 3))


def normalized(pixels: Tensor) -> Tensor:
    """Returns (N, 3, H, W) float32 from (N, H, W, 3) uint8 RGB."""
    return (pixels.permute(0, 3, 1, 2).float() - MEAN) / SCALE


def pretrained() -> tuple[EfficientNetLite0, Weights]:
    """Returns the network with ImageNet's weights, in evaluation mode.

    Raises:
        SimgenError: the weights are not installed, or are other ones.
    """
    state, _ = load(lite0_file(), LITE0_SHA256)
    model = EfficientNetLite0()
    model.load_state_dict(_renamed(state, model))
    return model.eval(), LITE0


def fold(module: nn.Module) -> None:
    """Lets the convolutions in a module do their norms' work, in two thirds of the time."""
    for part in module.modules():
        if isinstance(part, Convolution):
            part.fold()


def _blocks():
    inward = STEM
    for repeats, kernel, stride, expansion, outward in STAGES:
        for i in range(repeats):
            yield Block(inward, outward, kernel, stride if i == 0 else 1, expansion)
            inward = outward


def _renamed(state: Mapping[str, Tensor], model: EfficientNetLite0) -> dict[str, Tensor]:
    """Returns the published tensors under the names that they have here."""
    parts = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for i in range(len(model.blocks)):
        for j, part in enumerate(("expand", "depthwise", "project")):
            parts[f"blocks.{i}.{part}"] = (f"_blocks.{i}._{part}_conv", f"_blocks.{i}._bn{j}")
    return {
        f"{ours}.{j}.{name.rpartition('.')[2]}": value
        for ours, pair in parts.items()
        for j, theirs in enumerate(pair)
        for name, value in state.items()
        if name.rpartition(".")[0] == theirs
    }
