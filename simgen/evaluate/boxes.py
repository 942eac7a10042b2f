"""Boxes as (x0, y0, x1, y1) in pixels: overlaps, and which of many detections stay."""

import torch
from torch import Tensor


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Returns the intersection over union of each pair of (N, 4) and (N, 4): (N,)."""
    return _both(a, b)[0]


def generalized(a: Tensor, b: Tensor) -> Tensor:
    """Returns GIoU (Rezatofighi et al. 2019) of each pair: IoU less the share of the box around
    both that neither covers; -1 to 1."""
    iou, union = _both(a, b)
    around = _area(torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:]))
    return iou - (around - union) / around.clamp_min(1e-6)


def pairwise(a: Tensor, b: Tensor) -> Tensor:
    """Returns the intersection over union of all (N, 4) with all (M, 4): (N, M)."""
    rows, columns = a[:, None].expand(-1, len(b), -1), b[None].expand(len(a), -1, -1)
    return overlap(rows.reshape(-1, 4), columns.reshape(-1, 4)).view(len(a), len(b))


def keep(boxes: Tensor, scores: Tensor, labels: Tensor, most: float) -> Tensor:
    """Returns the indices of the detections that no better one of their label overlaps by more
    than `most`, best first (non-maximum suppression)."""
    order = scores.argsort(descending=True)
    span = boxes.max() - boxes.min() + 1 if len(boxes) else 0  # boxes may begin below 0
    far = labels[order].float()[:, None] * span
    overlaps = pairwise(boxes[order] + far, boxes[order] + far) > most
    alive = torch.ones(len(order), dtype=torch.bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= ~overlaps[i, i + 1 :]
    return order[alive]


def _both(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    common = _area(torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:]))
    union = _area(a[:, :2], a[:, 2:]) + _area(b[:, :2], b[:, 2:]) - common
    return common / union.clamp_min(1e-6), union


def _area(low: Tensor, high: Tensor) -> Tensor:
    return (high - low).clamp_min(0).prod(-1)
