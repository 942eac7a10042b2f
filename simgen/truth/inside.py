"""Whether the camera stands inside something solid."""

import numpy as np

from simgen.geometry import world_from_body
from simgen.placement import world_boxes
from simgen.spec import SceneSpec
from simgen.truth.solid import Solid, solid_of


def camera_inside(spec: SceneSpec) -> str | None:
    """Returns the name of the first body whose solid contains the camera, None if it is free."""
    eye = np.array([*spec.camera.position, 1.0])
    lower, upper = world_boxes(spec.bodies)
    for i in np.flatnonzero(((lower <= eye[:3]) & (eye[:3] <= upper)).all(1)):
        body = spec.bodies[i]
        solid, local = solid_of(body.shape), np.linalg.solve(world_from_body(body), eye)[:3]
        if _winding(solid, local) > 0.5:
            return body.name
    return None


def _winding(solid: Solid, point: np.ndarray) -> float:
    """Returns how often the surface winds around a point: the sum of its triangles' solid angles.

    Each angle by Van Oosterom and Strackee (1983). 0 outside, 1 inside one part, 2 inside two.
    """
    a, b, c = solid.points[solid.triangles] - point
    la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
    volume = (a * np.cross(b, c)).sum(1)
    spread = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
    return float(np.arctan2(volume, spread).sum() / (2 * np.pi))
