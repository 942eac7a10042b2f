"""The bodies of a scene as a lens other than a pinhole has them: in camera axes, ray by ray."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from simgen.lens import directions, rays
from simgen.spec import Camera, SceneSpec
from simgen.truth.bundles import CELL, Bundles
from simgen.truth.cast import meetings, nearest, reached
from simgen.truth.look import Cover, Look
from simgen.truth.scan import CENTRE_U, CENTRE_V, Facets, Spans
from simgen.truth.view import camera_facets

TILE = 16  # pixels along a side of the squares in which rays beyond the picture are looked for


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
        found = list(meetings(self.facets, Bundles.of(bent, np.column_stack([x, y]))))
        met, nearness = nearest(found, len(bent))
        depth = np.full(len(bent), np.inf)
        np.divide(bent[:, 2], nearness, out=depth, where=met >= 0)
        size = (self.height, self.width)
        return Look(_cover(self.facets, found, x, y), met.reshape(size), depth.reshape(size))

    def around(self, bodies: np.ndarray) -> Cover:
        """Returns what some bodies cover of the canvas, as far as the lens has rays there."""
        facets = self._leaving(bodies)
        x, y = self._worth_a_ray(facets)
        bent = self._rays(x + CENTRE_U, y + CENTRE_V)
        found = list(meetings(facets, Bundles.of(bent, np.column_stack([x, y]))))
        return _cover(facets, found, x, y)

    def _leaving(self, bodies: np.ndarray) -> Facets:
        """Returns the facets of some bodies, but those within the largest cone that the picture
        holds all of: none of these leaves it."""
        picture = rays(self.camera, self.width, self.height)
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        cosine = border[:, 2] / np.sqrt((border**2).sum(1))
        widest = max(np.nanmax(cosine, initial=-1), 0)
        x, y, z = self.facets.corners.swapaxes(0, 1)
        within = (z > widest * np.sqrt(x * x + y * y + z * z)).all(0)
        keep = np.flatnonzero(np.isin(self.facets.owner, bodies) & ~within)
        return Facets(
            np.take(self.facets.corners, keep, axis=2),
            np.take(self.facets.plane, keep, axis=1),
            self.facets.owner[keep],
            self.facets.triangle[keep],
        )

    def _worth_a_ray(self, facets: Facets) -> tuple[np.ndarray, np.ndarray]:
        """Returns x and y of the canvas's pixels beyond the picture, but those in squares of which
        no facet comes near.

        A facet comes near if it comes between the rays through the corners of a square and the
        eight around it. Squares on the rim of the image circle, where not all of these have a ray,
        are all kept.
        """
        left, top = (np.arange(-n, 2 * n, TILE) for n in (self.width, self.height))
        lines = (np.arange(-1, len(each) + 2) * TILE + each[0] for each in (left, top))
        corners = self._rays(*np.meshgrid(*lines))
        corners = sliding_window_view(corners, (4, 4), (0, 1)).reshape(-1, 3, 16).swapaxes(1, 2)
        left, top = (each.ravel() for each in np.meshgrid(left, top))
        seen = np.isfinite(corners[:, :, 0])
        rim = np.flatnonzero(seen.any(1) & ~seen.all(1))
        clear = np.flatnonzero(seen.all(1) & ~self._inside(left, top))
        squares = np.column_stack([left, top])[clear] // TILE << CELL // 2  # a leaf for each
        bundles = Bundles.of(corners[clear].reshape(-1, 3), np.repeat(squares, 16, axis=0))
        leaf, _ = reached(facets, bundles)
        near = clear[bundles.order[np.unique(leaf), 0] // 16]
        return self._beyond(*(each[np.append(near, rim)] for each in (left, top)))

    def _inside(self, left: np.ndarray, top: np.ndarray) -> np.ndarray:
        """Tells which squares lie in the picture as a whole."""
        right, bottom = left + TILE, top + TILE
        return (left >= 0) & (top >= 0) & (right <= self.width) & (bottom <= self.height)

    def _beyond(self, left: np.ndarray, top: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns x and y of the squares' pixels that are the canvas's, not the picture's."""
        y, x = np.divmod(np.arange(TILE**2), TILE)
        x, y = (left[:, None] + x).ravel(), (top[:, None] + y).ravel()
        inside = (0 <= x) & (x < self.width) & (0 <= y) & (y < self.height)
        keep = ~inside & (x < 2 * self.width) & (y < 2 * self.height)
        return x[keep], y[keep]

    def _rays(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Returns (..., 3) rays through places of the picture, counted in its own pixels."""
        full = np.array([self.camera.width / self.width, self.camera.height / self.height])
        return directions(self.camera, np.stack([u, v], axis=-1) * full).reshape(*u.shape, 3)


def _cover(facets: Facets, found: list[tuple[np.ndarray, ...]], x, y) -> Cover:
    """Returns the cover of (ray, nearness, facet) arrays, the rays going through pixels x, y."""
    ray = np.concatenate([np.empty(0, int), *(ray for ray, _, _ in found)])
    facet = np.concatenate([np.empty(0, int), *(facet for _, _, facet in found)])
    return Cover(facets, Spans(facet, y[ray], x[ray], x[ray] + 1))
