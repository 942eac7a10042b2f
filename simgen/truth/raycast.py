"""Exact labels: what the ray through each pixel centre meets, and each body's whole silhouette.

Rays are cast in float64, triangle by triangle: a label does not hang on the rounding of a ray
tracer. A pinhole's rays are scanned row by row (see scan.py), those of any other lens cast one by
one (see cast.py). Of closed meshes triangles facing away need no ray; of others (see solid.py) each
triangle has two sides.
"""

import numpy as np

from simgen.frame import Truth
from simgen.spec import PINHOLE, SceneSpec
from simgen.truth.bent import BentView
from simgen.truth.inside import camera_inside
from simgen.truth.silhouette import amodal_masks
from simgen.truth.view import View

__all__ = ["camera_inside", "raycast"]


def raycast(
    spec: SceneSpec, width: int | None = None, height: int | None = None, amodal: bool = True
) -> Truth:
    """Returns what each pixel centre sees; of bodies equally deep, the first.

    Args:
        width, height: cast fewer (or more) rays over the same view than the camera has pixels.
        amodal: False leaves the amodal masks out.
    """
    width, height = width or spec.camera.width, height or spec.camera.height
    eye = (View if spec.camera.lens == PINHOLE else BentView).of(spec, width, height)
    look = eye.look()
    instance = np.append(look.cover.facets.owner + 1, 0).astype(np.uint16)[look.met]
    triangle = np.append(look.cover.facets.triangle, -1).astype(np.int32)[look.met]
    masks = amodal_masks(spec, eye, look.cover, instance) if amodal else {}
    return Truth(instance, look.depth.astype(np.float32), triangle, masks)
