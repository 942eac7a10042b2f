"""Points, distances, normals and object coordinates, against formulas."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen import lens
from simgen.geometry import axis_angle, box_corners, look_at, rotation_matrix
from simgen.mesh import make_part
from simgen.spec import Body, Camera, Lens, SceneSpec, Shape
from simgen.truth.nocs import object_coordinates
from simgen.truth.normals import camera_normals, vertex_normals
from simgen.truth.raycast import raycast
from simgen.truth.surface import Surface
from tests.oracle import closed_form

CUBE = Shape.of("block", x=1.0, y=1.0, z=1.0)
EYE = (2.0, -3.0, 2.5)
CAMERA = Camera(EYE, look_at(EYE, (0.0, 0.0, 0.4)), 96, 72, focal_mm=40.0)
SKEW = axis_angle((1.0, 2.0, 0.5), 1.1)


def seen(*bodies, camera=CAMERA):
    spec = SceneSpec(bodies, camera=camera)
    truth = raycast(spec)
    return spec, truth, Surface.of(spec, truth)


def rays(surface, camera=CAMERA):
    return closed_form.rays(camera).reshape(-1, 3)[surface.pixel]


angles = st.floats(-np.pi, np.pi)
sizes = st.floats(0.2, 3.0).map(lambda v: round(v, 3))
scales = st.tuples(*[sizes | sizes.map(lambda v: -v)] * 3)
turns = st.builds(axis_angle, st.sampled_from([(1, 0, 0), (0, 0, 1), (1, 2, 3)]), angles)
boxes = st.builds(Body, st.just("box"), st.just(CUBE), rotation=turns, scale=scales)


@settings(max_examples=40)
@given(boxes, st.floats(4.0, 30.0))
def test_points_of_a_box_lie_where_the_ray_meets_it(body, away):
    eye = tuple(away * v for v in (0.5, -0.7, 0.6))
    camera = replace(CAMERA, position=eye, rotation=look_at(eye, (0.0, 0.0, 0.2)))
    _, truth, surface = seen(body, camera=camera)
    depth = closed_form.box_depth(camera, body, closed_form.rays(camera)).ravel()[surface.pixel]
    met = np.isfinite(depth)
    assert np.count_nonzero(~met) <= 0.01 * len(met)  # a far one may lie between all rays
    np.testing.assert_allclose(surface.camera_points()[met, 2], depth[met], rtol=1e-6)


@pytest.mark.parametrize("shape", [Shape.of("ball"), Shape.of("pallet"), Shape.of("drum")])
def test_each_pixel_sees_the_triangle_that_the_truth_says(shape):
    """The point on it is where the truth is deep, and the lens shows it at the pixel's centre."""
    body = Body("it", shape, rotation=SKEW, scale=(1.0, -1.0, 1.0))
    _, truth, surface = seen(body)
    points = surface.camera_points()
    depth = truth.depth.ravel()[surface.pixel]
    np.testing.assert_allclose(points[:, 2], depth, rtol=1e-7)
    v, u = np.divmod(surface.pixel, CAMERA.width)
    centres = np.column_stack([u, v]) + 0.5
    np.testing.assert_allclose(lens.pixels(CAMERA, points), centres, atol=1e-6)


def test_distance_of_a_facing_plane_is_that_of_each_ray():
    wall = Body("wall", Shape.of("block", x=50.0, y=1.0, z=50.0), (0.0, 4.5, -25.0))
    camera = replace(CAMERA, position=(0.0, 0.0, 0.0), rotation=look_at((0, 0, 0), (0, 1, 0)))
    _, _, surface = seen(wall, camera=camera)
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    off = np.hypot(u - camera.width / 2, v - camera.height / 2) / lens.focal_px(camera)
    distance = surface.picture(surface.distances(), np.inf)
    np.testing.assert_allclose(distance, 4.0 * np.hypot(1.0, off), rtol=1e-9)


def test_distance_of_a_floor_through_a_fisheye_that_sees_behind_itself():
    """r = f theta; the ray sinks by sin(theta) sin(phi), also where it runs backwards."""
    ground = Body("ground", Shape.of("block", x=900.0, y=900.0, z=1.0), (0.0, 0.0, -1.0))
    level = look_at((0, 0, 2), (0, 1, 2))
    camera = Camera((0.0, 0.0, 2.0), level, 90, 90, 9.0, 36.0, Lens("fisheye"))
    _, _, surface = seen(ground, camera=camera)
    v, u = np.divmod(surface.pixel, 90) - np.array([[44.5], [44.5]])
    theta, phi = np.hypot(u, v) / 22.5, np.arctan2(v, u)
    assert theta.max() > np.radians(110)
    expected = 2.0 / (np.sin(theta) * np.sin(phi))
    np.testing.assert_allclose(surface.distances(), expected, rtol=1e-5)
    behind = theta > np.radians(100)
    assert (surface.camera_points()[behind, 2] < 0).all() and behind.sum() > 100
    np.testing.assert_allclose(surface.object_points()[:, 2], 1.0, atol=1e-9)


def test_object_points_are_on_the_cubes_faces_and_lead_back_to_the_camera():
    body = Body("cube", CUBE, (0.3, -0.2, 0.1), SKEW, (0.8, -0.5, 1.2))
    _, _, surface = seen(body)
    local = surface.object_points()
    walls = np.abs(local - (0.0, 0.0, 0.5)).max(1)
    np.testing.assert_allclose(walls, 0.5, atol=1e-12)
    world = closed_form.turned(body.rotation, local * body.scale) + body.position
    back = (world - EYE) @ rotation_matrix(CAMERA.rotation)
    np.testing.assert_allclose(surface.camera_points(), back, atol=1e-12)


def test_pixels_that_see_nothing_have_no_point():
    _, truth, surface = seen(Body("cube", CUBE))
    picture = surface.picture(surface.camera_points(), np.nan)
    assert picture.shape == (72, 96, 3)
    np.testing.assert_array_equal(np.isnan(picture[..., 0]), truth.instance == 0)
    assert 0.05 < (truth.instance == 0).mean() < 0.95


def test_a_scene_without_bodies_has_no_surface():
    spec, _, surface = seen()
    assert surface.camera_points().shape == (0, 3)
    assert camera_normals(spec, surface).shape == object_coordinates(spec, surface).shape == (0, 3)


# normals


@settings(max_examples=40)
@given(boxes)
def test_normals_of_a_box_are_its_axes_and_face_the_camera(body):
    spec, _, surface = seen(body, camera=replace(CAMERA, position=(4.0, -6.0, 5.0)))
    normals = camera_normals(spec, surface)
    world = normals @ rotation_matrix(CAMERA.rotation).T
    local = closed_form.unturned(body.rotation, world)
    np.testing.assert_allclose(np.sort(np.abs(local), axis=1), [[0, 0, 1]] * len(local), atol=1e-9)
    assert ((normals * surface.camera_points()).sum(1) < 0).all()


def test_normals_of_a_sphere_are_its_radii_as_far_as_its_facets_allow():
    """The ball's rings are shaded smooth around and flat along: half a ring's step at most."""
    segments, centre = 64, np.array([0.0, 0.0, 1.0])
    spec, _, surface = seen(Body("ball", Shape.of("ball", radius=1.0, segments=segments)))
    points = surface.camera_points() @ rotation_matrix(CAMERA.rotation).T + EYE
    radii = (points - centre) / np.linalg.norm(points - centre, axis=1, keepdims=True)
    world = camera_normals(spec, surface) @ rotation_matrix(CAMERA.rotation).T
    np.testing.assert_allclose(np.linalg.norm(world, axis=1), 1.0, rtol=1e-12)
    off = np.degrees(np.arccos(np.clip((radii * world).sum(1), -1, 1)))
    assert off.max() < 180 / segments + 0.1
    around = np.arctan2(radii[:, 1], radii[:, 0]) - np.arctan2(world[:, 1], world[:, 0])
    around = np.degrees((around + np.pi) % (2 * np.pi) - np.pi) * np.hypot(*radii[:, :2].T)
    assert np.abs(around).max() < 0.2  # flat facets would be 2.8 off


def test_normals_of_an_ellipsoid_are_its_gradient():
    """Uneven scale: a normal is no longer the direction from the centre."""
    scale = np.array([1.5, 0.6, 1.0])
    shape = Shape.of("ball", radius=1.0, segments=128)
    spec, _, surface = seen(Body("egg", shape, scale=tuple(scale)))
    gradient = (surface.object_points() - (0.0, 0.0, 1.0)) / scale
    gradient /= np.linalg.norm(gradient, axis=1, keepdims=True)
    world = camera_normals(spec, surface) @ rotation_matrix(CAMERA.rotation).T
    assert np.degrees(np.arccos((gradient * world).sum(1).clip(-1, 1))).max() < 3.0
    radial = surface.object_points() * scale
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    assert np.degrees(np.arccos((radial * world).sum(1).clip(-1, 1))).max() > 10.0


def test_vertex_normals_of_a_cube_are_its_diagonals_however_its_faces_are_cut():
    """By angle, the two triangles of one face weigh as much as the one of another."""
    points = box_corners((0, 0, 0), (1, 1, 1))
    around = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    triangles = [t for a, b, c, d in around for t in ((a, b, c), (a, c, d))]
    cube = make_part(points, triangles, np.zeros((12, 3, 2)), "surface", smooth=True)
    np.testing.assert_allclose(vertex_normals(cube), (points * 2 - 1) / np.sqrt(3), atol=1e-12)


# object coordinates


def test_object_coordinates_of_a_cube():
    """One is constant on each face; corners are 1 / (2 sqrt 3) off the middle."""
    spec, _, surface = seen(Body("cube", CUBE, rotation=SKEW))
    coordinates, half = object_coordinates(spec, surface), 0.5 / np.sqrt(3)
    np.testing.assert_allclose(np.abs(coordinates - 0.5).max(1), half, atol=1e-12)
    close = replace(CAMERA, focal_mm=400.0, rotation=look_at(EYE, (0.5, -0.5, 1.0)))
    spec, _, surface = seen(Body("cube", CUBE), camera=close)
    coordinates = object_coordinates(spec, surface)
    corner = coordinates[np.abs(coordinates - (1, 0, 1)).sum(1).argmin()]
    np.testing.assert_allclose(corner, (0.5 + half, 0.5 - half, 0.5 + half), atol=2e-3)


@settings(max_examples=40)
@given(boxes)
def test_object_coordinates_lead_back_to_the_camera_by_the_labels_pose(body):
    """Turned, stretched by the diagonal and moved, with no other scale: what NOCS is for."""
    spec, _, surface = seen(body, camera=replace(CAMERA, position=(4.0, -6.0, 5.0)))
    diagonal = np.linalg.norm(body.scale)
    centre = closed_form.turned(body.rotation, np.multiply((0.0, 0.0, 0.5), body.scale))
    local = (object_coordinates(spec, surface) - 0.5) * diagonal
    world = closed_form.turned(body.rotation, local) + centre
    back = (world - spec.camera.position) @ rotation_matrix(CAMERA.rotation)
    np.testing.assert_allclose(surface.camera_points(), back, atol=1e-9)
