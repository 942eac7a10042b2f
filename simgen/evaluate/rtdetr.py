"""RT-DETR and its kin through transformers: for those who have a GPU and trained weights.

RT-DETR (Zhao et al. 2023), RT-DETRv2 (Lv et al. 2024), D-FINE (Peng et al. 2024). They learn from
the same pictures, augmentations and schedule as the small detector.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from simgen.errors import SimgenError, one_of
from simgen.evaluate import hub
from simgen.evaluate.assign import Target
from simgen.evaluate.efficientnet import MEAN, SCALE

log = logging.getLogger(__name__)
FAMILIES = ("rt_detr", "rt_detr_v2", "d_fine")
DEVICES = ("auto", "cpu", "cuda", "mps")
_PACE, _BACKBONE_PACE = 0.1, 0.01  # of the schedule's rate: 1e-4 and 1e-5 of 1e-3, as published


@dataclass(frozen=True)
class RtDetr:
    """A detector of transformers.

    Attributes:
        model: a folder as `save_pretrained` writes it, or a name on the Hugging Face hub; its
            categories may be others, that part is learnt anew.
        device: 'auto' takes a GPU where there is one.
    """

    model: str
    device: str = "auto"

    def __post_init__(self):
        one_of("detector.device", self.device, DEVICES)

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{self.model.rstrip('/').rpartition('/')[2]} (transformers)"

    @cached_property
    def weights_sha256(self) -> str:
        """SHA-256 of what it starts from; raises SimgenError as `new`."""
        return hub.digest(hub.snapshot(self.model, self._setting))

    def new(self, classes: int) -> "Detr":
        """Returns a detector that knows what `model` was trained on, but for the categories.

        Raises:
            SimgenError: transformers is not installed, there is no such model, or it is of another
                family, or there is no such device.
        """
        device = _device(self.device)
        package = hub.transformers(self._setting)
        folder = hub.snapshot(self.model, self._setting)
        family = hub.loaded(package.AutoConfig, folder, self._setting).model_type
        if family not in FAMILIES:
            raise SimgenError(
                f"{self._setting} is of the family {family}, not of {', '.join(FAMILIES)}"
            )
        model = hub.loaded(
            package.AutoModelForObjectDetection,
            folder,
            self._setting,
            id2label={i: str(i) for i in range(classes)},
            ignore_mismatched_sizes=True,
        )
        log.info("%s learns on %s", self.name, device)
        return Detr(model, *_statistics(folder)).to(device)

    @property
    def _setting(self) -> str:
        return f"detector.model={self.model}"


class Detr(nn.Module):
    """Detects objects in (N, 3, H, W) float32 pictures, `normalized`, both sides multiples of 32.

    Args:
        model: an object detector of transformers of one of FAMILIES.
        mean, deviation: by channel, of 0 to 1, that `model` takes off and divides by.
    """

    def __init__(self, model: nn.Module, mean: Sequence[float], deviation: Sequence[float]):
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(3, 1, 1))

    def parameter_groups(self) -> list[dict]:
        """Returns what learns: the backbone ten times slower than the rest."""
        learning = [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]
        backbone = [p for name, p in learning if name.startswith("model.backbone.")]
        rest = [p for name, p in learning if not name.startswith("model.backbone.")]
        return [{"params": backbone, "pace": _BACKBONE_PACE}, {"params": rest, "pace": _PACE}]

    def loss(self, images: Tensor, targets: Sequence[Target]) -> Tensor:
        """Returns the loss of a batch; `targets` are (boxes (n, 4), labels (n,)) by picture."""
        sides = torch.tensor(images.shape[-1:-3:-1] * 2).to(self.mean)
        labels = [
            {"boxes": _middles(boxes.to(sides)) / sides, "class_labels": kinds.to(sides.device)}
            for boxes, kinds in targets
        ]
        return self.model(pixel_values=self._prepared(images), labels=labels).loss

    @torch.no_grad()
    def detect(self, images: Tensor, least: float = 0.02, most: int = 100) -> list[tuple]:
        """Returns (boxes (n, 4), scores (n,), labels (n,)) of each picture, best first, on the
        CPU."""
        out = self.model(pixel_values=self._prepared(images))
        sides = torch.tensor(images.shape[-1:-3:-1] * 2).to(self.mean)
        found = []
        for chances, boxes in zip(out.logits.sigmoid(), _corners(out.pred_boxes) * sides):
            scores, place = chances.flatten().topk(min(most, chances.numel()))
            place, scores = place[scores > least], scores[scores > least]
            kinds = chances.shape[1]
            found.append((boxes[place // kinds].cpu(), scores.cpu(), (place % kinds).cpu()))
        return found

    def _prepared(self, images: Tensor) -> Tensor:
        shares = (images.to(self.mean) * SCALE + MEAN) / 255
        return (shares - self.mean) / self.deviation


def _middles(boxes: Tensor) -> Tensor:
    """Returns middle x, y, width, height of corners x0, y0, x1, y1."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return torch.cat([(low + high) / 2, high - low], -1)


def _corners(boxes: Tensor) -> Tensor:
    """Returns the opposite of `_middles`."""
    middle, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([middle - half, middle + half], -1)


def _statistics(folder: Path) -> tuple[Sequence[float], Sequence[float]]:
    """Returns mean and deviation; RT-DETR itself takes 0 to 1 as they are."""
    said = hub.said(folder, "preprocessor_config.json")
    if not said.get("do_normalize"):
        return (0.0,) * 3, (1.0,) * 3
    return said.get("image_mean", hub.IMAGENET_MEAN), said.get("image_std", hub.IMAGENET_STD)


def _device(wanted: str) -> torch.device:
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if wanted == "auto":
        wanted = next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[wanted]:
        raise SimgenError(f"detector.device={wanted} is not there: choose auto or cpu")
    return torch.device(wanted)
