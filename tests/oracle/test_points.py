"""Keypoints, cuboids and occluders against closed forms and against OpenCV."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.geometry import axis_angle, box_corners, intrinsics, look_at, rotation_matrix, yaw
from simgen.props import keypoints_of, mesh_of
from simgen.spec import Body, Camera, Lens, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.points import keypoints
from simgen.truth.raycast import raycast
from simgen.truth.visibility import NEARER_M
from tests.oracle.closed_form import box_depth, nearest, rays, turned
from tests.oracle.strategies import boxes

UNIT = Shape.of("block")
SMALL = Shape.of("block", x=0.1, y=0.1, z=0.1)
EYE = (0.0, -4.0, 1.0)
FRONT = Camera(EYE, look_at(EYE, (0.0, 0.0, 1.0)), 96, 72)
BROWN = Lens("brown_conrady", (-0.2, 0.05, 0.001, -0.002, 0.01))
FISHEYE = Lens("fisheye", (0.05, -0.01, 0.002, 0.0))


def box(position, scale=(1.0, 1.0, 1.0), rotation=(1.0, 0.0, 0.0, 0.0), shape=UNIT):
    return Body("box", shape, position, rotation, scale, "box")


def visibilities(spec, i=1):
    return {point.name: point.visibility for point in keypoints(spec, [i])[i]}


def test_a_wall_hides_what_is_behind_it():
    """Small boxes at eye height around a wall of 1 m, 2 m ahead: it covers 1.5 m of what is 3 m
    ahead, where the picture is 3.09 m wide and 2.31 m high."""
    wall = Body("wall", Shape.of("block", x=1.0, y=0.01, z=1.0), (0.0, -2.0, 0.5))

    def seen(x, y=-1.0, z=0.95):
        spec = SceneSpec((box((x, y, z), shape=SMALL), wall), camera=FRONT)
        return set(visibilities(spec).values())

    assert seen(0.0) == seen(0.5) == seen(-0.6) == {1}, "behind the wall"
    assert seen(0.0, y=-2.5) == {1, 2}, "before the wall, where it hides its own back"
    assert seen(1.0) == seen(-1.0) == seen(0.0, z=1.9) == {1, 2}, "beside it, above it"
    assert seen(2.3) == seen(0.0, z=2.8) == seen(0.0, z=-1.0) == {0}, "outside the picture"
    assert seen(0.0, y=-6.0) == {0}, "behind the camera"
    assert seen(0.75) == {1, 2}, "across the wall's edge"


def test_what_is_not_in_the_picture_is_nowhere():
    spec = SceneSpec((box((1.543, -1.0, 0.95), shape=SMALL),), camera=FRONT)
    points = keypoints(spec, [1])[1]
    assert {point.visibility for point in points} >= {0, 2}
    for point in points:
        assert (point.visibility == 0) == (point.x == point.y == 0)
        assert point.visibility == 0 or (0 <= point.x < 96 and 0 <= point.y < 72)


@pytest.mark.parametrize("axis", [0, 2])
def test_no_ray_slips_through_a_seam(axis):
    """Two boxes meet where the line of sight to a corner passes; their faces' diagonals too."""
    halves = [np.array([0.0, -2.0, 1.0]), np.array([0.0, -2.0, 1.0])]
    halves[0][axis] += 0.5
    halves[1][axis] -= 0.5
    wall = [box(tuple(at - (0, 0, 0.5)), (1.0, 0.01, 1.0)) for at in halves]
    target = [box((0.0, -1.0, 1.0), (s, 0.1, s)) for s in (0.2, -0.2)]
    target += [box((0.1, -1.0, 1.0), (s, 0.1, s)) for s in (0.2, -0.2)]
    spec = SceneSpec((*target, *wall), camera=FRONT)
    found = keypoints(spec, range(1, 5))
    assert {p.visibility for points in found.values() for p in points} == {1}


@pytest.mark.parametrize(("turn", "hidden"), [
    (0.0, {"bottom_back_left", "bottom_back_right", "top_back_left", "top_back_right"}),
    (0.5, {"bottom_back_right"}),
    (-0.5, {"bottom_back_left"}),
])  # fmt: skip
def test_a_box_hides_its_own_back(turn, hidden):
    """Seen level, face on: the four corners behind. Seen from above a turned one's lowest."""
    height = 0.5 if turn == 0 else 2.5
    eye = (0.0, -4.0, height)
    spec = SceneSpec(
        (box((0.0, 0.0, 0.0), rotation=yaw(turn)),),
        camera=Camera(eye, look_at(eye, (0, 0, 0.5)), 96, 72),
    )
    found = visibilities(spec)
    assert {name for name, v in found.items() if v == 1} == hidden
    assert {v for name, v in found.items() if name not in hidden} == {2}


def test_forks_are_seen_in_the_mouth_of_a_pallet():
    """From the front at pocket height one sees the front mouths, not those of the other sides."""
    eye = (0.0, -2.0, 0.072)
    pallet = Body("pallet", Shape.of("pallet"), category="pallet")
    spec = SceneSpec((pallet,), camera=Camera(eye, look_at(eye, (0, 0, 0.072)), 96, 72, 24.0))
    found = visibilities(spec)
    assert found["pocket_front_left"] == found["pocket_front_right"] == 2
    assert found["pocket_left_front"] == found["pocket_right_back"] == 1
    assert found["pocket_back_left"] == found["pocket_back_right"] == 2, "through the pallet"
    blocked = replace(spec, bodies=(pallet, box((-0.264, 0.0, 0.03), (0.1, 0.1, 0.08))))
    assert visibilities(blocked)["pocket_back_left"] == 1
    assert visibilities(blocked)["pocket_back_right"] == 2


NUDGES = np.array([(x, y, z) for x in (0, -1, 1) for y in (0, -1, 1) for z in (0, -1, 1)]) * 1e-6
POSES = boxes(box, 0.05, 1.5)
LENSES = st.sampled_from([FRONT, replace(FRONT, lens=BROWN), replace(FRONT, lens=FISHEYE)])


@settings(max_examples=150)
@given(st.lists(POSES, min_size=1, max_size=4), LENSES)
def test_visibility_is_that_of_the_slab_test(bodies, camera):
    """Whatever boxes, turned, stretched and mirrored: a corner is hidden where a ray enters one of
    them more than the tolerance before it."""
    spec = SceneSpec(tuple(bodies), camera=camera)
    for i, points in keypoints(spec, range(1, len(bodies) + 1)).items():
        for point, corner in zip(points, keypoints_of(UNIT).values()):
            world = turned(bodies[i - 1].rotation, np.multiply(corner, bodies[i - 1].scale))
            ray = world + bodies[i - 1].position - camera.position
            tried = ray + NUDGES * np.linalg.norm(ray)
            entered = np.min([box_depth(camera, body, tried) for body in bodies], axis=0)
            hidden = (1 - entered) * np.linalg.norm(ray) > NEARER_M
            if point.visibility and (hidden == hidden[0]).all():  # else the ray is on an edge
                assert (point.visibility == 1) == hidden[0], (i, point)


def test_keypoints_are_the_asset_s_moved_as_its_pose_says():
    body = box((0.3, 0.2, 0.5), (1.0, -0.5, 0.4), axis_angle((1, 2, 3), 0.7))
    spec = SceneSpec((body,), camera=FRONT)
    (label,) = annotate(spec, raycast(spec))
    own = np.array(list(keypoints_of(UNIT).values())) * label.scale
    expected = own @ rotation_matrix(label.camera_rotation).T + label.camera_position
    assert np.allclose([p.camera_position for p in label.keypoints], expected, atol=1e-12)
    assert [p.name for p in label.keypoints] == list(keypoints_of(UNIT))


def projected(camera: Camera, points) -> np.ndarray:
    """Returns (N, 2) by OpenCV alone."""
    points, zero = np.reshape(points, (-1, 1, 3)).astype(float), np.zeros(3)
    k, d = intrinsics(camera), np.array(camera.lens.coefficients, float)
    if camera.lens.model == "fisheye":
        return cv2.fisheye.projectPoints(points, zero, zero, k, d)[0].reshape(-1, 2)
    return cv2.projectPoints(points, zero, zero, k, d)[0].reshape(-1, 2)


@pytest.mark.parametrize("lens", [Lens(), BROWN, FISHEYE], ids=lambda lens: lens.model)
def test_cuboids_and_keypoints_are_where_opencv_puts_them(lens):
    camera = replace(FRONT, lens=lens)
    spec = SceneSpec((box((0.2, 0.1, 0.4), rotation=yaw(0.6)),), camera=camera)
    (label,) = annotate(spec, raycast(spec))
    assert np.allclose(label.cuboid_px, projected(camera, label.cuboid), atol=1e-9)
    points = [p for p in label.keypoints if p.visibility]
    expected = projected(camera, [p.camera_position for p in points])
    assert len(points) == 8
    assert np.allclose([(p.x, p.y) for p in points], expected, atol=1e-9)


@pytest.mark.parametrize("lens", [Lens(), BROWN, FISHEYE], ids=lambda lens: lens.model)
def test_points_are_in_the_picture_up_to_its_edge(lens):
    """Small boxes strewn across all four edges: 0 outside, not 0 inside, to the very pixel."""
    camera, rng = replace(FRONT, lens=lens), np.random.default_rng(1)
    places = rng.uniform((-2, -1.5, 0.9), (2, -1, 1.1), (200, 3))
    places[100:] = rng.uniform((-0.1, -1.5, -0.5), (0.1, -1, 2.5), (100, 3))
    spec = SceneSpec(tuple(box(tuple(at), shape=SMALL) for at in places), camera=camera)
    points = [p for each in keypoints(spec, range(1, 201)).values() for p in each]
    uv = projected(camera, [p.camera_position for p in points])
    inside = ((uv >= 0) & (uv < (96, 72))).all(1)
    assert 0.2 < inside.mean() < 0.8
    assert ([p.visibility > 0 for p in points] == inside).all()
    near = np.abs(uv - np.clip(uv, 0, (96, 72))).max(1)
    assert ((near > 0) & (near < 1)).sum() > 10 and (inside & (uv.min(1) < 1)).sum() > 10


def test_no_pixel_for_what_is_behind_a_pinhole():
    spec = SceneSpec((box((0.0, 0.0, 0.0), (0.5, 10.0, 0.5)),), camera=FRONT)
    (label,) = annotate(spec, raycast(spec))
    behind = [corner[2] <= 0 for corner in label.cuboid]
    assert sum(behind) == 4
    assert [at is None for at in label.cuboid_px] == behind
    wide = replace(FRONT, lens=Lens("fisheye"))
    (label,) = annotate(replace(spec, camera=wide), raycast(replace(spec, camera=wide)))
    assert None not in label.cuboid_px


def test_pose_comes_back_from_the_projected_cuboid():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        turn = axis_angle(rng.normal(size=3), rng.uniform(0, 3))
        body = box(tuple(rng.uniform(-0.5, 0.5, 3) + (0, 0, 1)), (1.0, 0.7, 0.4), turn)
        spec = SceneSpec((body,), camera=FRONT)
        (label,) = annotate(spec, raycast(spec))
        model = box_corners(*mesh_of(UNIT).bounds) * label.scale
        found, rvec, tvec = cv2.solvePnP(
            model, np.array(label.cuboid_px), intrinsics(FRONT), None, flags=cv2.SOLVEPNP_SQPNP
        )
        assert found
        assert np.allclose(tvec.ravel(), label.camera_position, atol=1e-6)
        assert np.allclose(
            cv2.Rodrigues(rvec)[0], rotation_matrix(label.camera_rotation), atol=1e-6
        )


def test_occluders_of_a_stack():
    """Three sheets one behind another; the nearest covers a third of each, the next another."""
    camera = Camera(EYE, look_at(EYE, (0.0, 0.0, 1.0)), 96, 72, 48.0)
    sheets = [(0.0, 0.0, 1.0), (0.3, -1.0, 0.6), (-0.2, -2.0, 0.3)]
    bodies = tuple(box((x, y, 1 - s / 2), (s, 0.01, s)) for x, y, s in sheets)
    spec = SceneSpec(bodies, camera=camera)
    check_occluders(spec)
    far, _, near = annotate(spec, raycast(spec))
    assert {i for i, _ in far.occluders} == {2, 3}
    assert near.occluders == ()


def check_occluders(spec):
    depths = [box_depth(spec.camera, body, rays(spec.camera)) for body in spec.bodies]
    ids, _ = nearest(depths)
    for label in annotate(spec, raycast(spec)):
        hidden = ids[np.isfinite(depths[label.id - 1]) & (ids != label.id)]
        expected = {i: n for i, n in enumerate(np.bincount(hidden, minlength=1)) if n}
        assert dict(label.occluders) == expected
        assert label.area + sum(n for _, n in label.occluders) == label.amodal_area
        assert [n for _, n in label.occluders] == sorted(expected.values(), reverse=True)


@pytest.mark.parametrize("seed", range(10))
def test_occluders_of_a_heap(seed):
    """Also bodies without a category hide others."""
    rng = np.random.default_rng(seed)
    bodies = [
        Body("box", UNIT, tuple(rng.uniform((-1, -1, 0), (1, 1, 1.5))), yaw(rng.uniform(0, 6)),
             tuple(rng.uniform(0.2, 0.8, 3)), "box" if rng.random() < 0.7 else "")
        for _ in range(12)
    ]  # fmt: skip
    check_occluders(SceneSpec(tuple(bodies), camera=FRONT))
