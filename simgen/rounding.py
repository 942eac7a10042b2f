"""Round corners, as the transparency of a picture shows them."""

import numpy as np

from simgen.pictures import Picture

LIKE = 0.25  # share of the transparent pixels that may be elsewhere than in round corners
FEW = 8  # pixels more that may


def rounding(picture: Picture, x: float, y: float) -> tuple[float, bool]:
    """Returns the radius of the round corners that a picture's transparency shows, 0 if none, and
    whether there are other transparent parts."""
    if picture.opaque is None:
        return 0.0, False
    clear = ~picture.opaque
    radius = round(float(np.sqrt(clear.mean() * x * y / (4 - np.pi))), 5)
    radius = min(radius, min(x, y) / 2)
    off = np.count_nonzero(clear ^ _cut_off(picture, x, y, radius))
    return (radius, False) if off <= LIKE * clear.sum() + FEW else (0.0, True)


def _cut_off(picture: Picture, x: float, y: float, radius: float) -> np.ndarray:
    """Returns the pixels whose centres are outside a rectangle with round corners."""
    u, v = ((np.arange(n) + 0.5) / n for n in (picture.width, picture.height))
    beyond = [np.maximum(np.abs(w - 0.5) * s - (s / 2 - radius), 0) for w, s in ((u, x), (v, y))]
    return np.hypot(beyond[0][None, :], beyond[1][:, None]) > radius
