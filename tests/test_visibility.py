"""Casting at the triangles near the rays alone finds what casting at all of them does."""

from dataclasses import replace

import numpy as np
import pytest
from simgen.scenes.warehouse import Warehouse

from simgen.geometry import look_at, yaw
from simgen.lens import pixels
from simgen.rng import stream
from simgen.spec import Body, Camera, Lens, SceneSpec, Shape
from simgen.truth.cast import cast
from simgen.truth.points import in_picture, keypoints
from simgen.truth.view import camera_facets
from simgen.truth.visibility import Cells, _before, hidden

FISHEYE = Lens("fisheye")


def warehouse(seed: int) -> SceneSpec:
    scene = Warehouse(rows=2, bays=2, stacks=3, resolution=(160, 120))
    return scene.sample(stream(seed, 0, "scene"))


def sightlines(spec: SceneSpec) -> tuple[np.ndarray, np.ndarray]:
    """Returns camera-space keypoints of all bodies that are in the picture, and their pixels."""
    found = keypoints(spec, range(1, len(spec.bodies) + 1)).values()
    points = np.array([p.camera_position for each in found for p in each])
    uv = pixels(spec.camera, points)
    inside = in_picture(spec.camera, uv)
    return points[inside], uv[inside]


@pytest.mark.parametrize(
    ("seed", "lens", "focal"), [(0, Lens(), 24.0), (1, Lens(), 35.0), (0, FISHEYE, 18.0)]
)
def test_nothing_that_a_ray_meets_is_left_out(seed, lens, focal):
    spec = warehouse(seed)
    spec = replace(spec, camera=replace(spec.camera, lens=lens, focal_mm=focal))
    points, uv = sightlines(spec)
    assert len(points) > 500 and (points[:, 2] > 0).all()
    every, some = camera_facets(spec), _before(spec, points)
    met, near = cast(every, points, uv)
    met_some, near_some = cast(some, points, uv)
    assert (near == near_some).all() and (near > 0).all()
    assert (every.owner[met] == some.owner[met_some]).all()
    assert (every.triangle[met] == some.triangle[met_some]).all()
    assert len(some.owner) < 0.6 * len(every.owner)


def test_rays_that_leave_backwards_are_cast_at_everything():
    """A fisheye of 220 degrees sees the boxes beside and behind it, and what hides them."""
    places = [(3, 0), (2, 2), (-1, -3), (0, 3), (-3, 0.3)]
    bodies = [Body("box", Shape.of("block"), (x, y, -0.5), yaw(x), category="b") for x, y in places]
    bodies += [Body("post", Shape.of("block", x=0.1, y=0.1, z=2.0), (0, -1.5, -1))]
    camera = Camera((0, 0, 0), look_at((0, 0, 0), (0, 1, 0)), 120, 120, 9.375, 36.0, FISHEYE)
    spec = SceneSpec(tuple(bodies), camera=camera)
    points, uv = sightlines(spec)
    assert (points[:, 2] < 0).any()
    facets = camera_facets(spec)
    _, near = cast(facets, points, uv)
    assert (hidden(spec, points, uv) == (near * (np.linalg.norm(points, axis=1) - 0.005)
                                         > np.linalg.norm(points, axis=1))).all()  # fmt: skip


def test_cells_keep_what_crosses_the_plane_of_the_eye():
    cells = Cells.of(np.array([[0.0, 0, 1], [0.1, 0.1, 1]]))
    points = np.array([[0, 0, -1], [9, 9, 1], [9, 9, -1], [0.05, 0.05, 1], [0.07, 0.05, 2.0]]).T
    groups = np.array([[0, 1], [0, 2], [1, 1], [3, 3], [3, 4]]).T
    assert cells.touched(points, groups).tolist() == [True, False, False, False, False]
    around = np.array([[3, 4, 0]]).T
    assert cells.touched(points, around).all()


def test_no_points_no_rays():
    assert hidden(warehouse(0), np.empty((0, 3)), np.empty((0, 2))).shape == (0,)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_ray_is_in_the_cells_of_the_triangle_around_it(scale):
    rng = np.random.default_rng(0)
    rays = rng.normal(size=(200, 3)) * scale
    rays[:, 2] = np.abs(rays[:, 2]) + 0.1 * scale
    cells = Cells.of(rays)
    for ray in rays:
        around = ray[:, None] * 2 + rng.normal(size=(3, 3)) * 1e-4 * scale
        around[:, 2] = 3 * (2 * ray) - around[:, 0] - around[:, 1]
        assert cells.touched(around, np.arange(3)[:, None]).all()
