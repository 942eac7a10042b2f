"""The surface point behind each pixel centre, to double precision: where it is, on which object.

A truth says which triangle each pixel sees. The weights of a triangle's corners at the point where
a ray meets it (barycentric coordinates) are as the volumes that the ray spans with its three edges;
whatever the corners carry is mixed by them. Rays may point anywhere: nothing is divided by a depth.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.frame import Truth
from simgen.geometry import world_from_bodies, world_from_camera
from simgen.lens import rays
from simgen.props import mesh_of
from simgen.spec import SceneSpec, Shape


@dataclass(frozen=True, eq=False)
class Surface:
    """P pixels that see something, and the F triangles that they see.

    Attributes:
        size: (height, width) of the picture.
        pixel: (P,) int64, places in the flattened picture, rising.
        facet: (P,) int64, which of the F triangles.
        weights: (3, P) float64, of the triangle's corners; none is negative, they add up to 1.
        body: (F,) int64 into spec.bodies. `triangle`: (F,) int64 into its mesh's triangles.
        corners: (3, 3, F) float64: corner, coordinate in the body's own axes, triangle.
        camera_from_body: (B, 4, 4) float64, of all bodies.
    """

    size: tuple[int, int]
    pixel: np.ndarray
    facet: np.ndarray
    weights: np.ndarray
    body: np.ndarray
    triangle: np.ndarray
    corners: np.ndarray
    camera_from_body: np.ndarray

    @classmethod
    def of(cls, spec: SceneSpec, truth: Truth) -> "Surface":
        height, width = truth.instance.shape
        pixel = np.flatnonzero(truth.instance)
        facet, body, triangle = _facets(spec, truth, pixel)
        corners = _corners(spec, body, triangle)
        matrices = np.linalg.inv(world_from_camera(spec.camera)) @ world_from_bodies(spec.bodies)
        seen = moved(corners, matrices[body])
        weights = _weights(seen, facet, rays(spec.camera, width, height).reshape(-1, 3)[pixel])
        return cls(truth.instance.shape, pixel, facet, weights, body, triangle, corners, matrices)

    def mixed(self, carried: np.ndarray) -> np.ndarray:
        """Returns (P, C): what the corners carry, (3, C, F), at each pixel's point."""
        channels = carried.shape[1]
        mix = np.empty((len(self.pixel), channels))
        for c in range(channels):
            mix[:, c] = sum(w * np.take(k[c], self.facet) for w, k in zip(self.weights, carried))
        return mix

    def camera_points(self) -> np.ndarray:
        """Returns (P, 3) in camera axes, metres."""
        return self.mixed(moved(self.corners, self.camera_from_body[self.body]))

    def distances(self) -> np.ndarray:
        """Returns (P,) metres along the ray, from the camera's centre of projection."""
        return np.linalg.norm(self.camera_points(), axis=1)

    def object_points(self) -> np.ndarray:
        """Returns (P, 3) in each body's own axes, before its scale."""
        return self.mixed(self.corners)

    def picture(self, values: np.ndarray, nothing: float) -> np.ndarray:
        """Returns (H, W) or (H, W, C) of (P,) or (P, C), `nothing` where nothing is seen."""
        flat = np.full((self.size[0] * self.size[1], *values.shape[1:]), nothing, values.dtype)
        flat[self.pixel] = values
        return flat.reshape(*self.size, *values.shape[1:])


def moved(corners: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Returns (3, 3, F) corners under (F, 4, 4) matrices."""
    turned = np.einsum("fij,kjf->kif", matrices[:, :3, :3], corners)
    return turned + matrices[:, :3, 3].T


def _facets(spec: SceneSpec, truth: Truth, pixel: np.ndarray) -> tuple[np.ndarray, ...]:
    """Returns (P,) which distinct triangle each pixel sees; of those the body and the number."""
    counts = np.array([len(mesh_of(body.shape).triangles) for body in spec.bodies], int)
    starts = np.cumsum(counts) - counts
    owner = truth.instance.ravel()[pixel].astype(int) - 1
    number = starts[owner] + truth.triangle.ravel()[pixel]
    seen = np.zeros(counts.sum(), bool)
    seen[number] = True
    distinct = np.flatnonzero(seen)
    place = np.cumsum(seen) - 1
    body = np.searchsorted(starts, distinct, side="right") - 1
    return place[number], body, distinct - starts[body]


def _corners(spec: SceneSpec, body: np.ndarray, triangle: np.ndarray) -> np.ndarray:
    corners = np.empty((3, 3, len(body)))
    for shape, part, mine in by_body(spec, body, triangle):
        mesh = mesh_of(shape)
        corners[:, :, part] = mesh.vertices[mesh.triangles[mine]].transpose(1, 2, 0)
    return corners


def by_body(
    spec: SceneSpec, body: np.ndarray, triangle: np.ndarray
) -> Iterator[tuple[Shape, np.ndarray, np.ndarray]]:
    """Yields for each body its shape, the places of its triangles among all, their numbers."""
    cuts = np.flatnonzero(np.diff(body)) + 1
    for part in np.split(np.arange(len(body)), cuts):
        if len(part):
            yield spec.bodies[body[part[0]]].shape, part, triangle[part]


def _weights(corners: np.ndarray, facet: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """Returns (3, P); a ray passes inside, so that the three volumes are of one sign."""
    x, y, z = ray.T
    weights = np.empty((3, len(facet)))
    for i in range(3):
        start, stop = corners[(i + 1) % 3], corners[(i + 2) % 3]
        a, b, c = (np.take(side, facet) for side in np.cross(start, stop - start, axis=0))
        np.abs(a * x + b * y + c * z, out=weights[i])  # on an edge rounding may turn the sign
    return weights / weights.sum(0)
