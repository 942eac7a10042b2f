"""Where the surface points that a picture shows are in another view, and which are seen there.

Optical flow is this for the next instant, disparity for the right camera. A point stays on its
triangle, whatever moves: where it is then follows from where the triangle's corners are.
"""

from dataclasses import dataclass

import numpy as np

from simgen.frame import Truth
from simgen.geometry import world_from_bodies, world_from_camera
from simgen.lens import pixels
from simgen.spec import SceneSpec
from simgen.truth.cast import cast
from simgen.truth.sight import SAME_POINT, hidden
from simgen.truth.surface import Surface, moved
from simgen.truth.view import camera_facets


@dataclass(frozen=True, eq=False)
class Match:
    """What the pixels of one view have become in another.

    Attributes:
        shift: (H, W, 2) float32, pixels in the other view less those in the first, along u and v;
            0 where nothing is seen, or where the other lens shows the point nowhere.
        seen: (H, W) bool: the point is inside the other picture and nothing hides it there.
    """

    shift: np.ndarray
    seen: np.ndarray


def match(spec: SceneSpec, truth: Truth, other: SceneSpec) -> Match:
    """Returns where all that `truth` of `spec` shows is in `other`: the same bodies, elsewhere."""
    surface = Surface.of(spec, truth)
    matrices = np.linalg.inv(world_from_camera(other.camera)) @ world_from_bodies(other.bodies)
    points = surface.mixed(moved(surface.corners, matrices[surface.body]))
    uv = pixels(other.camera, points)
    rows, columns = np.divmod(surface.pixel, spec.camera.width)
    shift = np.nan_to_num(uv - np.column_stack([columns + 0.5, rows + 0.5]))
    size = (other.camera.width, other.camera.height)
    seen = ((uv >= 0) & (uv < size)).all(1)
    seen[seen] = ~_hidden(other, points[seen], uv[seen])
    return Match(surface.picture(shift.astype(np.float32), 0.0), surface.picture(seen, False))


def _hidden(spec: SceneSpec, points: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Returns (N,) bool for (N, 3) points in camera axes, which the lens shows at (N, 2) uv."""
    facets = camera_facets(spec)
    if spec.camera.lens.model == "fisheye":  # may see behind itself
        return cast(facets, points, uv)[1] > 1 + SAME_POINT
    return hidden(facets, points.T)
