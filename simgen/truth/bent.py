"""The bodies of a scene as a lens other than a pinhole has them: in camera axes, ray by ray."""

from dataclasses import dataclass

import numpy as np

from simgen.lens import CENTRE_U, CENTRE_V, directions, rays
from simgen.spec import Camera, SceneSpec
from simgen.truth.bundles import Bundles
from simgen.truth.canvas import pixels_beyond
from simgen.truth.cast import Meetings, meetings, meetings_of, nearest
from simgen.truth.cull import pixels_in, small_boxes, stay_inside
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
        found = self._meetings(bent)
        met, nearness = nearest([found], len(bent))
        depth = np.full(len(bent), np.inf)
        np.divide(bent[:, 2], nearness, out=depth, where=met >= 0)
        size = (self.height, self.width)
        cover = _cover(self.facets, found, *self._places)
        return Look(cover, met.reshape(size), depth.reshape(size))

    @property
    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns and rows of the picture's pixels."""
        y, x = np.divmod(np.arange(self.height * self.width), self.width)
        return x, y

    def _meetings(self, bent: np.ndarray) -> tuple[np.ndarray, ...]:
        """Returns ray, nearness and facet wherever one of the picture's rays meets a facet: small
        ones are tried on the few pixels around them, the others on bundles."""
        small, boxes = small_boxes(self.facets, self.camera, self.width, self.height)
        x, y, facet = pixels_in(boxes)
        large = np.flatnonzero(~small)
        bundles = Bundles.of(bent, np.column_stack(self._places))
        found = [
            *(
                (ray, near, large[f])
                for ray, near, f in meetings(self.facets.some(~small), bundles)
            ),
            *meetings_of(self.facets, bent, y * self.width + x, facet),
        ]
        ray, near, facet = _joined(found)
        order = np.argsort(facet, kind="stable")
        return ray[order], near[order], facet[order]

    def around(self, bodies: np.ndarray) -> Cover:
        """Returns what some bodies cover of the canvas, as far as the lens has rays there."""
        inside = stay_inside(self.facets, rays(self.camera, self.width, self.height))
        facets = self.facets.some(np.isin(self.facets.owner, bodies) & ~inside)
        x, y = pixels_beyond(self.width, self.height, facets, self._rays)
        bent = self._rays(x + CENTRE_U, y + CENTRE_V)
        found = _joined(meetings(facets, Bundles.of(bent, np.column_stack([x, y]))))
        return _cover(facets, found, x, y)

    def _rays(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Returns (..., 3) rays through places of the picture, counted in its own pixels."""
        full = np.array([self.camera.width / self.width, self.camera.height / self.height])
        return directions(self.camera, np.stack([u, v], axis=-1) * full).reshape(*u.shape, 3)


def _joined(found: Meetings) -> tuple[np.ndarray, ...]:
    """Returns all of (ray, nearness, facet) arrays as one of each."""
    nothing = (np.empty(0, int), np.empty(0), np.empty(0, int))
    return tuple(np.concatenate(each) for each in zip(nothing, *found))


def _cover(facets: Facets, found: tuple[np.ndarray, ...], x: np.ndarray, y: np.ndarray) -> Cover:
    """Returns the cover of what rays through pixels x, y meet."""
    ray, _, facet = found
    return Cover(facets, Spans(facet, y[ray], x[ray], x[ray] + 1))
