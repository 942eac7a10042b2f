"""Depth and normals as pictures for people."""

import cv2
import numpy as np

from simgen.audit.layers import Layers

LAYERS = ("depth", "normals")


def depth_picture(depth: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Returns (H, W, 3) uint8 RGB, warm near and cold far, and the metres that the ends stand for.

    The scale is logarithmic between the 1st and 99th percentile; nothing there is black.

    Args:
        depth: (H, W) metres; what is not finite, or not above 0, is nothing.
    """
    there = np.isfinite(depth) & (depth > 0)
    if not there.any():
        return np.zeros((*depth.shape, 3), np.uint8), (0.0, 0.0)
    near, far = np.quantile(depth[there], [0.01, 0.99])
    far = max(far, near * 1.001)
    share = np.log(np.where(there, depth, near) / near) / np.log(far / near)
    turned = np.uint8(255 * (1 - np.clip(share, 0, 1)))
    rgb = cv2.cvtColor(cv2.applyColorMap(turned, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    rgb[~there] = 0
    return rgb, (float(near), float(far))


def layer_picture(layers: Layers, name: str) -> tuple[np.ndarray, str] | None:
    """Returns a layer as (H, W, 3) uint8 RGB and what its colours mean; None without the layer.

    Raises:
        Unreadable: its file is damaged.
    """
    if name == "depth" and "depth" in layers.paths:
        picture, (near, far) = depth_picture(layers.depth)
        return picture, f"depth: red {near:.3g} m to blue {far:.3g} m, and beyond"
    found = next((n for n in (name, f"{name}_world") if n in layers.paths), None)
    if name == "normals" and found:
        axes = "world" if found.endswith("world") else "camera"
        return np.uint8(layers.levels(found) >> 8), f"normals in {axes} axes: x, y, z as R, G, B"
    return None
