"""Flat things laid so that a camera over them sees each in a given box."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.geometry import multiply, rotation_matrix, yaw
from simgen.layout.heap import reach
from simgen.placement import footprints, overlap
from simgen.props import mesh_of
from simgen.spec import Body, Camera
from simgen.targets.arrange import arrange
from simgen.targets.wanted import Box

TILTS_DEG = ((0, 12), (12, 25), (25, 40), (40, 55))  # each drawn anew, the first that fits is taken
FOCAL_MM = (26.0, 45.0)  # for a sensor 36 mm wide
FARTHEST = 80.0  # the camera, in radii of the largest thing


def matched(
    bodies: Sequence[Body], boxes: Sequence[Box], camera: Camera, rng: np.random.Generator
) -> tuple[tuple[Body, ...], Camera]:
    """Returns the bodies about the origin, on z = 0 or on each other, and the camera over them."""
    camera = replace(camera, focal_mm=float(rng.uniform(*FOCAL_MM)))
    sizes = [tuple(float(v) for v in (mesh_of(b.shape).size * b.scale)[:2]) for b in bodies]
    largest = max(map(reach, bodies))
    tilts = [float(np.radians(rng.uniform(*span))) for span in TILTS_DEG]
    found = arrange(camera, sizes, boxes, tilts, (1.5 * largest, FARTHEST * largest))
    turn = float(rng.uniform(-np.pi, np.pi))
    order = np.argsort([laid.level for laid in found.laid], kind="stable")
    flat = [_laid(body, at, turn) for body, at in zip(bodies, found.laid)]
    return _stacked(flat, order), _turned(found.camera, turn)


def _laid(body: Body, at, turn: float) -> Body:
    """Returns the body with the middle of its box over a place, all turned about the origin."""
    rotation = yaw(at.yaw + turn)
    middle = np.mean(mesh_of(body.shape).bounds, axis=0) * body.scale
    place = rotation_matrix(yaw(turn)) @ (at.x, at.y, 0.0) - rotation_matrix(rotation) @ middle
    low = float(mesh_of(body.shape).bounds[0][2] * body.scale[2])
    return replace(body, position=(float(place[0]), float(place[1]), -low), rotation=rotation)


def _stacked(flat: Sequence[Body], order: Sequence[int]) -> tuple[Body, ...]:
    """Returns the bodies, each lifted onto the highest of those before it in order that it covers
    in part."""
    corners, tops = footprints(flat), np.zeros(len(flat))
    lifted = list(flat)
    for n, i in enumerate(order):
        under = [j for j in order[:n] if overlap(corners[i], corners[[j]]).any()]
        base = max((tops[j] for j in under), default=0.0)
        tops[i] = base + float(mesh_of(flat[i].shape).size[2] * flat[i].scale[2])
        x, y, z = flat[i].position
        lifted[i] = replace(flat[i], position=(x, y, z + float(base)))
    return tuple(lifted)


def _turned(camera: Camera, turn: float) -> Camera:
    position = rotation_matrix(yaw(turn)) @ camera.position
    rotation = multiply(yaw(turn), camera.rotation)
    return replace(camera, position=tuple(float(v) for v in position), rotation=rotation)
