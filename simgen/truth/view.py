"""The bodies of a scene as a pinhole has them: in homogeneous pixels (u z, v z, z)."""

from dataclasses import dataclass

import numpy as np

from simgen.errors import SimgenError
from simgen.geometry import box_corners, intrinsics, world_from_bodies, world_from_camera
from simgen.lens import Window
from simgen.spec import Camera, SceneSpec
from simgen.truth.cast import nearest
from simgen.truth.look import Cover, Look
from simgen.truth.scan import Facets, beside, meetings, reaches, spans
from simgen.truth.solid import Solid, solid_of


@dataclass(frozen=True, eq=False)
class View:
    """All B bodies before one camera without distortion: an Eye, as raycast needs it.

    Attributes:
        frame: the window that the camera records.
        solids: one for each body; bodies of one shape share it.
        matrices: (B, 3, 4), from object axes to homogeneous pixels.
        upright: (B,) bool, False where a negative scale turns the body inside out.
        boxes: (B, 8, 3), corners of each body's bounding box in homogeneous pixels.
    """

    frame: Window
    solids: tuple[Solid, ...]
    matrices: np.ndarray
    upright: np.ndarray
    boxes: np.ndarray

    @classmethod
    def of(cls, spec: SceneSpec, width: int, height: int) -> "View":
        """Returns the view of the spec's camera, spread over width x height pixels."""
        return cls._of(spec, _pixels_from_world(spec.camera, width, height), (0, 0, width, height))

    @classmethod
    def _of(cls, spec: SceneSpec, from_world: np.ndarray, frame: Window) -> "View":
        _check(spec)
        solids = tuple(solid_of(body.shape) for body in spec.bodies)
        matrices = from_world @ world_from_bodies(spec.bodies)
        upright = np.linalg.det(matrices[:, :, :3]) > 0
        bounds = np.array([(solid.lower, solid.upper) for solid in solids]).reshape(-1, 2, 1, 3)
        boxes = box_corners(bounds[:, 0], bounds[:, 1]) @ matrices[:, :, :3].swapaxes(1, 2)
        boxes += matrices[:, None, :, 3]
        return cls(frame, solids, matrices, upright, boxes)

    def look(self) -> Look:
        """Returns what the frame's rays meet."""
        _, _, width, height = self.frame
        cover = self._cover(self.within(self.frame), self.frame)
        found = meetings(cover.facets, cover.runs, width)
        met, nearness = nearest(found, width * height)
        with np.errstate(divide="ignore"):
            depth = 1 / nearness
        return Look(cover, met.reshape(height, width), depth.reshape(height, width))

    def around(self, bodies: np.ndarray) -> Cover:
        """Returns what those of some bodies that leave the frame cover of the canvas around it."""
        _, _, width, height = self.frame
        canvas = (-width, -height, 2 * width, 2 * height)
        boxes = self.extent(canvas)[bodies]
        leaves = (boxes[:, :2] < 0).any(1) | (boxes[:, 2:] > (width, height)).any(1)
        return self._cover(bodies[leaves], canvas)

    def _cover(self, bodies: np.ndarray, window: Window) -> Cover:
        facets = self.facets(bodies, window)
        return Cover(facets, spans(facets, window))

    def within(self, window: Window) -> np.ndarray:
        """Returns the indices of the bodies that may be seen in the window."""
        return np.flatnonzero(~beside(self.boxes.transpose(1, 2, 0), window))

    def extent(self, window: Window) -> np.ndarray:
        """Returns (B, 4) x0, y0, x1, y1: pixels that hold all of each body in the window."""
        uv, z = self.boxes[:, :, :2], self.boxes[:, :, 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            uv = uv / z
        low, high = np.array(window, float).reshape(2, 2)
        ahead = (z > 0).all(1)
        start = np.where(ahead, np.clip(np.floor(uv.min(1)), low, high), low)
        stop = np.where(ahead, np.clip(np.ceil(uv.max(1)), low, high), high)
        return np.hstack([start, stop]).astype(int)

    def facets(self, bodies: np.ndarray, window: Window) -> Facets:
        """Returns the facets of some bodies that a pixel centre of the window may see, in order."""
        return self._facets(bodies, [self._triangles(i, window) for i in bodies])

    def all_facets(self) -> Facets:
        """Returns the facets of all bodies, seen or not, in order."""
        bodies = np.arange(len(self.solids))
        return self._facets(bodies, [self._triangles(i) for i in bodies])

    def _facets(self, bodies: np.ndarray, found: list[tuple[np.ndarray, np.ndarray]]) -> Facets:
        owner = np.repeat(bodies, [len(index) for _, index in found])
        corners = np.concatenate([np.empty((3, 3, 0)), *(corners for corners, _ in found)], axis=2)
        index = np.concatenate([np.empty(0, int), *(index for _, index in found)])
        return Facets.of(corners, owner, index)

    def _triangles(self, i: int, window: Window | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Returns (3, 3, T) corners, counter-clockwise from outside even where scale mirrors, and
        (T,) which of the mesh's triangles they are: those that the window may see, or all."""
        matrix, solid = self.matrices[i], self.solids[i]
        points = matrix[:, :3] @ solid.points.T + matrix[:, 3:]
        triangles = solid.triangles if self.upright[i] else solid.triangles[::-1]
        index = np.arange(triangles.shape[1])
        if window:
            index = np.flatnonzero(reaches(points, triangles, window))
        corners = np.take(points, np.take(triangles, index, axis=1), axis=1)
        return corners.swapaxes(0, 1), solid.source[index]


def _pixels_from_world(camera: Camera, width: int, height: int) -> np.ndarray:
    resize = np.diag([width / camera.width, height / camera.height, 1.0])
    camera_from_world = np.linalg.inv(world_from_camera(camera))[:3]
    return resize @ intrinsics(camera) @ camera_from_world


def _check(spec: SceneSpec) -> None:
    if len(spec.bodies) > np.iinfo(np.uint16).max:
        raise SimgenError(f"a scene holds at most 65535 bodies, this one {len(spec.bodies)}")
    for body in spec.bodies:
        if 0 in body.scale:
            raise SimgenError(f"{body.name}: scale={body.scale} must not be 0 along any axis")


def camera_view(spec: SceneSpec) -> View:
    """Returns the bodies in camera axes instead of homogeneous pixels, before no window."""
    camera_from_world = np.linalg.inv(world_from_camera(spec.camera))[:3]
    return View._of(spec, camera_from_world, (0, 0, 0, 0))


def camera_facets(spec: SceneSpec) -> Facets:
    """Returns the facets of all bodies in camera axes, for rays of any direction (see cast.py)."""
    return camera_view(spec).all_facets()
