"""How a detector learns, the same for every training set: so many steps, whatever it is shown."""

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from simgen.checks import require
from simgen.errors import SimgenError
from simgen.evaluate.album import Album, decoded
from simgen.evaluate.assign import Target
from simgen.evaluate.detections import Detections
from simgen.evaluate.efficientnet import normalized
from simgen.evaluate.loader import Augmentation, Canvas, Sample, fitted, in_file, varied
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures

_WARM = 0.1  # share of the steps in which the learning rate rises
_CLIP = 10.0  # the longest gradient


Shares = tuple[float, float]  # of a batch, at the first step and at the last


class Detector(Protocol):
    """What can be trained: a torch module with these."""

    def loss(self, images: Tensor, targets: Sequence[Target]) -> Tensor: ...

    def detect(self, images: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]: ...

    def parameter_groups(self) -> list[dict]: ...


class Kind(Protocol):
    """A kind of detector, as settings choose it: a frozen dataclass.

    Attributes:
        name: what reports call it; one that learns otherwise has another, so that no result of the
            one before it is taken for its own.
        weights_sha256: of what it starts from.
    """

    name: str
    weights_sha256: str

    def new(self, classes: int) -> Detector:
        """Returns a detector that has not learnt anything of the pictures yet."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    Attributes:
        steps: of the gradient. `batch`: pictures in each.
        size: of the longer side of the canvas that pictures are fitted into, pixels, a multiple
            of 32.
        rate: the highest learning rate; it rises, then falls as a cosine.
        decay: of the weights (AdamW). `memory`: of the running mean of weights that is kept.
    """

    steps: int = 1200
    batch: int = 4
    size: int = 320
    rate: float = 1e-3
    decay: float = 0.01
    memory: float = 0.98

    def __post_init__(self):
        require(1, 10**7, whole=True, fixed=True, steps=self.steps, batch=self.batch)
        require(32, 4096, whole=True, fixed=True, size=self.size)
        if self.size % 32:
            raise SimgenError(f"size={self.size} must be a multiple of 32")
        require(0, 1, fixed=True, rate=self.rate, decay=self.decay, memory=self.memory)


def train(
    model,
    parts: Sequence[tuple[Pictures, Shares]],
    schedule: Schedule,
    how: Augmentation,
    canvas: Canvas,
    seed: int,
    told: Callable[[int], None] = lambda step: None,
):
    """Returns the mean over the last steps of a model that has learnt from pictures.

    Args:
        parts: sets of pictures, and what share of a batch comes from each, which changes evenly
            from the first step to the last.
        told: is called after each step.
    """
    rng = np.random.default_rng(seed)
    groups = [g | {"lr": schedule.rate * g.pop("pace")} for g in model.parameter_groups()]
    optimizer = torch.optim.AdamW(groups, weight_decay=schedule.decay)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: _pace(i, schedule.steps))
    mean, decks = deepcopy(model), [_Deck(pictures, rng) for pictures, _ in parts]
    album = Album(round(how.scale * max(canvas)))
    model.train()
    for step in range(schedule.steps):
        shares = [first + (last - first) * step / schedule.steps for _, (first, last) in parts]
        chosen = [decks[i].next() for i in _sources(shares, schedule.batch, rng)]
        images, targets = _batch([varied(p, album.read(p), canvas, how, rng) for p in chosen])
        optimizer.zero_grad()
        model.loss(images, targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
        optimizer.step()
        rates.step()
        _follow(mean, model, min(schedule.memory, (1 + step) / (10 + step)))
        told(step + 1)
    return mean.eval()


def detections(model, pictures: Pictures, canvas: Canvas, batch: int = 16) -> list[Detections]:
    """Returns what a model finds in each picture."""
    model.eval()
    found = []
    for start in range(0, len(pictures), batch):
        samples = [fitted(p, decoded(p), canvas) for p in pictures.pictures[start : start + batch]]
        found += map(_in_file, samples, model.detect(_batch(samples)[0]))
    return found


class _Deck:
    """Deals pictures, each once before any comes again."""

    def __init__(self, pictures: Pictures, rng: np.random.Generator):
        self._pictures, self._rng, self._left = pictures.pictures, rng, []

    def next(self) -> Picture:
        if not self._left:
            self._left = list(self._rng.permutation(len(self._pictures)))
        return self._pictures[self._left.pop()]


def _sources(shares: Sequence[float], batch: int, rng: np.random.Generator) -> np.ndarray:
    """Returns which part each picture of a batch comes from: its share, up to a drawn rest."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges / edges[-1], (np.arange(batch) + rng.random()) / batch, "right")


def _batch(samples: Sequence[Sample]) -> tuple[Tensor, list[Target]]:
    pixels = torch.from_numpy(np.stack([sample.pixels for sample in samples]))
    targets = [(torch.from_numpy(s.boxes), torch.from_numpy(s.labels)) for s in samples]
    return normalized(pixels), targets


def _in_file(sample: Sample, answer: tuple[Tensor, ...]) -> Detections:
    boxes, scores, labels = (each.numpy() for each in answer)
    return Detections(in_file(boxes, sample), scores, labels)


def _pace(step: int, steps: int) -> float:
    warm = max(1, round(_WARM * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


@torch.no_grad()
def _follow(mean, model, memory: float) -> None:
    for kept, new in zip(mean.state_dict().values(), model.state_dict().values()):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - memory)
        else:
            kept.copy_(new)
