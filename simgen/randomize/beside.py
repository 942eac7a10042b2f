"""Things of no category among the labelled ones, so that a detector learns what not to find."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw, written
from simgen.errors import SimgenError, one_of
from simgen.geometry import world_from_camera, yaw
from simgen.lens import directions
from simgen.placement import Footprint, footprints, overlap, world_boxes
from simgen.props import looks, mesh_of, names, shapes
from simgen.spec import Body, SceneSpec

_APART = 0.003  # metres
_FLAT = 0.01  # metres: what is no higher can have something across
_ATTEMPTS = 20  # places tried for each
_NEAR = 0.12  # metres that the camera keeps from what is put there


@dataclass(frozen=True)
class Beside:
    """Puts small things where the camera sees them: on the surface that the labelled ones lie on.

    Attributes:
        props: modules of simgen.props that lie beside the labelled things.
        thin: those that may lie across them, where these are flat.
        count: how many lie beside; one that finds no free place is left out.
        across: how many lie across.
    """

    props: tuple[str, ...]
    thin: tuple[str, ...] = ()
    count: Number = 2
    across: Number = 0

    def __post_init__(self):
        require(0, 100, whole=True, count=self.count, across=self.across)
        for field in ("props", "thin"):
            value = getattr(self, field)
            if not isinstance(value, tuple):
                raise SimgenError(f"{field}={written(value)} must be a list, such as [pen, cable]")
            for prop in value:
                one_of(field, prop, names())

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with more bodies, the given ones first and unchanged."""
        things = [body for body in spec.bodies if body.category]
        count, across = int(draw(self.count, rng)), int(draw(self.across, rng))
        parameters = spec.parameters | {"beside.count": count, "beside.across": across}
        if not things:
            return replace(spec, parameters=parameters)
        lower, upper = world_boxes(things)
        place = _Place(spec, float(lower[:, 2].min()), _area(spec, lower), footprints(things))
        added = [place.beside(self.props, i, rng) for i in range(count if self.props else 0)]
        top = float(upper[:, 2].max())
        if top - place.level <= _FLAT:
            added += [
                place.across(self.thin, i, top, rng) for i in range(across if self.thin else 0)
            ]
        bodies = spec.bodies + tuple(body for body in added if body)
        return replace(spec, bodies=bodies, parameters=parameters)


class _Place:
    """The surface at a level that things lie on, and what is taken of it."""

    def __init__(self, spec: SceneSpec, level: float, area: np.ndarray, taken: np.ndarray):
        self.spec, self.level, self.area, self.taken = spec, level, area, taken

    def beside(self, props: tuple[str, ...], i: int, rng: np.random.Generator) -> Body | None:
        """Returns a thing on a free place, None if none was found."""
        body, size = _drawn(props, f"beside {i}", rng)
        for _ in range(_ATTEMPTS):
            spot = self._spot(size, rng)
            if spot is None or size[2] + _NEAR > self.spec.camera.position[2] - self.level:
                continue
            corners = spot.grown(_APART).corners()
            if self._on(corners) and not overlap(corners, self.taken).any():
                self.taken = np.concatenate([self.taken, spot.corners()[None]])
                return self._put(body, spot, self.level)
        return None

    def across(self, props, i: int, top: float, rng: np.random.Generator) -> Body | None:
        """Returns a thing that lies on the labelled ones, None if no place was found."""
        body, size = _drawn(props, f"across {i}", rng)
        for _ in range(_ATTEMPTS):
            spot = self._spot(size, rng)
            if spot is not None and self._on(spot.corners()):
                return self._put(body, spot, top + 1e-4)
        return None

    def _spot(self, size: np.ndarray, rng: np.random.Generator) -> Footprint | None:
        """Returns a footprint about a point that the camera sees, if it sees the surface there."""
        camera, turn = self.spec.camera, float(rng.uniform(0, 2 * np.pi))
        pixel = rng.uniform((0, 0), (camera.width, camera.height))
        matrix = world_from_camera(camera)
        ray = matrix[:3, :3] @ directions(camera, pixel[None])[0]
        if not np.isfinite(ray).all() or ray[2] > -1e-3:
            return None
        x, y, _ = matrix[:3, 3] + ray * (self.level - matrix[2, 3]) / ray[2]
        return Footprint(float(x), float(y), float(size[0]), float(size[1]), turn)

    def _on(self, corners: np.ndarray) -> bool:
        return bool((corners >= self.area[0]).all() and (corners <= self.area[1]).all())

    def _put(self, body: Body, spot: Footprint, z: float) -> Body:
        low, high = np.asarray(mesh_of(body.shape).bounds)
        c, s = np.cos(spot.yaw), np.sin(spot.yaw)
        x, y = (low + high)[:2] / 2
        at = spot.x - c * x + s * y, spot.y - s * x - c * y, z - low[2]
        return replace(body, position=tuple(float(v) for v in at), rotation=yaw(spot.yaw))


def _area(spec: SceneSpec, lower: np.ndarray) -> np.ndarray:
    """Returns the lower and the upper (x, y) corner of what the things lie on: the smallest body
    that ends in height where they begin, under them."""
    boxes = np.stack(world_boxes([body for body in spec.bodies if not body.category]))
    middle, level = lower[:, :2].mean(0), lower[:, 2].min()
    under = np.abs(boxes[1, :, 2] - level) < 0.005
    under &= ((boxes[0, :, :2] <= middle) & (boxes[1, :, :2] >= middle)).all(1)
    if not under.any():
        return np.asarray(spec.room)[:, :2]
    sizes = (boxes[1] - boxes[0])[:, :2].prod(1)
    return boxes[:, np.where(under, sizes, np.inf).argmin(), :2]


def _drawn(props, name: str, rng: np.random.Generator) -> tuple[Body, np.ndarray]:
    """Returns a prop in one of its sizes and looks, and how large it is."""
    prop = props[int(rng.integers(len(props)))]
    sizes = shapes(prop)
    shape = sizes[int(rng.integers(len(sizes)))]
    kinds = looks(shape)
    body = Body(name, shape, materials=kinds[int(rng.integers(len(kinds)))])
    return body, np.asarray(mesh_of(shape).size)
