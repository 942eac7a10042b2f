"""Which cell of the feature map answers for which object."""

import torch
from torch import Tensor

Target = tuple[Tensor, Tensor]  # boxes (n, 4) x0, y0, x1, y1 in pixels, labels (n,)
RADIUS = 1.5  # strides about an object's middle, at least
SHARE = 0.5  # of an object's width and height about its middle


def centres(rows: int, columns: int, stride: int) -> Tensor:
    """Returns (rows * columns, 2) x, y of the cells' middles, pixels."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return (torch.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride


def assign(at: Tensor, stride: int, boxes: Tensor, labels: Tensor) -> Target:
    """Returns for each cell the label, -1 for none, and the box that it answers for.

    A cell answers for an object in whose box it lies, near its middle (Tian et al. 2020): at most
    RADIUS strides off in either direction, or within SHARE of the box; of several objects, for the
    smallest. An object too small to hold the middle of a cell has the nearest one.
    """
    if not len(boxes):
        return torch.full((len(at),), -1, dtype=torch.long), torch.zeros(len(at), 4)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    off = (at[:, None] - middle).abs()
    near = torch.clamp(SHARE / 2 * (boxes[:, 2:] - boxes[:, :2]), min=RADIUS * stride)
    to_sides = torch.cat([at[:, None] - boxes[:, :2], boxes[:, 2:] - at[:, None]], -1)
    mine = (off <= near).all(-1) & (to_sides.amin(-1) > 0)
    mine[off.amax(-1).argmin(0), torch.arange(len(boxes))] = True
    area = (boxes[:, 2:] - boxes[:, :2]).prod(-1).expand(len(at), -1)
    best = torch.where(mine, area, torch.inf).argmin(1)
    return torch.where(mine.any(1), labels[best], -1), boxes[best]
