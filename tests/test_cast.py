"""Rays one by one: the same as the scan of a grid, and as trying every triangle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.geometry import look_at, project, yaw
from simgen.lens import CENTRE_U, CENTRE_V
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.bundles import Bundles
from simgen.truth.cast import cast
from simgen.truth.raycast import raycast
from simgen.truth.scan import Facets
from simgen.truth.view import View, camera_facets

PROPS = ("pallet", "stillage", "drum", "ball", "small_load_carrier")


def crowd() -> SceneSpec:
    floor = Body("floor", Shape.of("block", x=30.0, y=30.0, z=0.1), (0, 0, -0.1))
    place = np.random.default_rng(3)
    bodies = [
        Body(
            p,
            Shape.of(p),
            (place.uniform(-3, 3), place.uniform(-3, 5), 0),
            yaw(place.uniform(0, 6)),
        )
        for p in PROPS * 4
    ]
    eye = (0.3, -3.5, 1.7)
    return SceneSpec((floor, *bodies), camera=Camera(eye, look_at(eye, (0, 1, 0.4)), 160, 120, 22))


def pixels(width: int, height: int) -> np.ndarray:
    v, u = np.mgrid[:height, :width]
    return np.column_stack([u.ravel() + CENTRE_U, v.ravel() + CENTRE_V])


def every_pair(facets: Facets, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns what cast does, by Cramer's rule on every triangle and ray, two-sided."""
    a, b, c = facets.corners
    weights = np.linalg.solve(np.stack([a, b, c], axis=2).swapaxes(0, 1), rays.T[None])
    near = np.where((weights > 0).all(1), weights.sum(1), 0)  # ray = sum of weight x corner
    met = near.argmax(0)
    return np.where(near.max(0) > 0, met, -1), near.max(0)


def test_pixels_cast_one_by_one_are_the_scanned_picture():
    spec = crowd()
    truth, view = raycast(spec), View.of(spec, 160, 120)
    facets, uv = view.facets(view.within(view.frame), view.frame), pixels(160, 120)
    met, near = cast(facets, np.column_stack([uv, np.ones(len(uv))]), uv)
    found = np.append(facets.owner + 1, 0)[met].reshape(120, 160)
    assert (found == truth.instance).all()
    assert (np.append(facets.triangle, -1)[met].reshape(120, 160) == truth.triangle).all()
    with np.errstate(divide="ignore"):
        assert (1 / near).reshape(120, 160) == pytest.approx(truth.depth, rel=1e-6)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.booleans())
def test_any_rays_meet_what_trying_every_triangle_says(seed, count, around):
    """Rays into a narrow cone, or all around the eye, in which no pyramid can hold them."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(3, 1, 80)) * (4 if around else 1) + [
        [[0]],
        [[0]],
        [[0 if around else 6]],
    ]
    corners = (centres + rng.normal(size=(3, 3, 80)) * rng.choice([0.05, 1, 5])).swapaxes(0, 1)
    facets = Facets.of(corners, np.zeros(80, int), np.arange(80))
    rays = rng.normal(size=(count, 3)) * (1, 1, 1 if around else 0.1) + (0, 0, 0 if around else 1)
    met, near = cast(facets, rays, rng.uniform(0, 50, (count, 2)))
    expected, nearness = every_pair(facets, rays)
    assert near == pytest.approx(nearness, rel=1e-6)
    assert (met == expected).all()


def test_rays_that_are_no_rays_meet_nothing():
    spec = crowd()
    rays = np.array([[0, 0, 1.0], [np.nan, 0, 1], [0, 0, np.inf], [0, 0.05, 1]])
    met, near = cast(camera_facets(spec), rays, np.array([[0, 0], [np.nan, 0], [0, 1], [1, 0]]))
    assert (met[[0, 3]] >= 0).all() and (met[[1, 2]] == -1).all() and (near[[1, 2]] == 0).all()


def test_no_rays_and_no_facets():
    none = Facets.of(np.empty((3, 3, 0)), np.empty(0, int), np.empty(0, int))
    met, near = cast(none, np.array([[0, 0, 1.0]]), np.zeros((1, 2)))
    assert met.tolist() == [-1] and near.tolist() == [0]
    met, near = cast(camera_facets(crowd()), np.empty((0, 3)), np.empty((0, 2)))
    assert len(met) == len(near) == 0


def test_facets_in_camera_axes_lie_where_the_camera_projects_them():
    """The ray to a ball's centre meets that ball before it."""
    spec = crowd()
    facets = camera_facets(spec)
    ball = next(i for i, body in enumerate(spec.bodies) if body.name == "ball")
    u, v, depth = project(spec.camera, [np.add(spec.bodies[ball].position, (0, 0, 0.1))])[0]
    alone = SceneSpec((spec.bodies[ball],), camera=spec.camera)
    focal = 22 / 36 * 160
    ray = np.array([[(u - 80) / focal, (v - 60) / focal, 1.0]])
    met, near = cast(camera_facets(alone), ray, np.array([[u, v]]))
    assert met[0] >= 0 and depth - 0.5 < 1 / near[0] < depth
    assert cast(facets, ray, np.array([[u, v]]))[1] >= near


def test_bundles_hold_each_ray_once():
    rays, uv = (
        np.random.default_rng(1).normal(size=(1000, 3)),
        np.random.default_rng(2).uniform(0, 9, (1000, 2)),
    )
    bundles = Bundles.of(rays, uv)
    held = bundles.order >= 0
    assert sorted(bundles.order[held]) == list(range(1000))
    assert (bundles.rays[:, held].T == rays[bundles.order[held]]).all()
    assert np.isnan(bundles.rays[:, ~held]).all()


def test_a_leaf_holds_neighbours_alone():
    v, u = np.mgrid[:30, :50] + 0.5
    uv = np.column_stack([u.ravel(), v.ravel()])
    rays = np.column_stack([uv, np.full(len(uv), 50.0)])
    rays[(uv[:, 0] > 20) & (uv[:, 1] > 3)] = np.nan
    bundles = Bundles.of(rays, uv)
    for leaf in bundles.order:
        assert (np.ptp(uv[leaf[leaf >= 0]], axis=0) < 8).all()
    assert [len(level.first) - 1 for level in bundles.levels] == [1, 2, 6, -1]
