"""Normalised object coordinates: which point of its object each pixel shows."""

import numpy as np

from simgen.props import mesh_of
from simgen.spec import SceneSpec
from simgen.truth.surface import Surface


def object_coordinates(spec: SceneSpec, surface: Surface) -> np.ndarray:
    """Returns (P, 3) in [0, 1], along the object's axes: NOCS (Wang et al. 2019).

    The object's bounding box, as its scale leaves it, has its centre at 0.5 and a diagonal of 1.
    """
    bounds = np.array([mesh_of(body.shape).bounds for body in spec.bodies]).reshape(-1, 2, 3)
    scale = np.array([body.scale for body in spec.bodies]).reshape(-1, 3)
    diagonal = np.linalg.norm((bounds[:, 1] - bounds[:, 0]) * scale, axis=1, keepdims=True)
    centre, body = bounds.mean(1), surface.body[surface.facet]
    return (surface.object_points() - centre[body]) * (scale / diagonal)[body] + 0.5
