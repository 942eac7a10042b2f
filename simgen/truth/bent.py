"""The bodies of a scene as a lens other than a pinhole has them: in camera axes, ray by ray."""

from dataclasses import dataclass

import numpy as np

from simgen.lens import CENTRE_U, CENTRE_V, directions, rays
from simgen.spec import Camera, SceneSpec
from simgen.truth.bundles import Bundles
from simgen.truth.canvas import pixels_beyond
from simgen.truth.cast import Meetings, meetings, nearest
from simgen.truth.cull import between_centres, stay_inside
from simgen.truth.look import Cover, Look
from simgen.truth.scan import Facets, Spans
from simgen.truth.view import camera_facets


@dataclass(frozen=True, eq=False)
class BentView:
    """All bodies before one camera: an Eye, as raycast needs it.

    Attributes:
        width, height: of the picture.
        facets: in camera axes, of all bodies.
    """

    camera: Camera
    width: int
    height: int
    facets: Facets

    @classmethod
    def of(cls, spec: SceneSpec, width: int, height: int) -> "BentView":
        """Returns the view of the spec's camera, spread over width x height pixels."""
        return cls(spec.camera, width, height, camera_facets(spec))

    def look(self) -> Look:
        """Returns what the picture's rays meet; a pixel without a ray meets nothing."""
        bent = rays(self.camera, self.width, self.height).reshape(-1, 3)
        y, x = np.divmod(np.arange(len(bent)), self.width)
        facets = self.facets.some(
            ~between_centres(self.facets, self.camera, self.width, self.height)
        )
        found = list(meetings(facets, Bundles.of(bent, np.column_stack([x, y]))))
        met, nearness = nearest(found, len(bent))
        depth = np.full(len(bent), np.inf)
        np.divide(bent[:, 2], nearness, out=depth, where=met >= 0)
        size = (self.height, self.width)
        return Look(_cover(facets, found, x, y), met.reshape(size), depth.reshape(size))

    def around(self, bodies: np.ndarray) -> Cover:
        """Returns what some bodies cover of the canvas, as far as the lens has rays there."""
        inside = stay_inside(self.facets, rays(self.camera, self.width, self.height))
        facets = self.facets.some(np.isin(self.facets.owner, bodies) & ~inside)
        x, y = pixels_beyond(self.width, self.height, facets, self._rays)
        bent = self._rays(x + CENTRE_U, y + CENTRE_V)
        found = list(meetings(facets, Bundles.of(bent, np.column_stack([x, y]))))
        return _cover(facets, found, x, y)

    def _rays(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Returns (..., 3) rays through places of the picture, counted in its own pixels."""
        full = np.array([self.camera.width / self.width, self.camera.height / self.height])
        return directions(self.camera, np.stack([u, v], axis=-1) * full).reshape(*u.shape, 3)


def _cover(facets: Facets, found: Meetings, x: np.ndarray, y: np.ndarray) -> Cover:
    """Returns the cover of what rays through pixels x, y meet."""
    ray = np.concatenate([np.empty(0, int), *(ray for ray, _, _ in found)])
    facet = np.concatenate([np.empty(0, int), *(facet for _, _, facet in found)])
    return Cover(facets, Spans(facet, y[ray], x[ray], x[ray] + 1))
