"""Optical flow and disparity against closed forms.

The camera stands at the world's origin, its axes the world's: it looks along +z.
"""

from dataclasses import replace

import numpy as np
import pytest

from simgen.geometry import axis_angle, intrinsics, rotation_matrix
from simgen.motion import advance
from simgen.spec import Body, Camera, Lens, Motion, SceneSpec, Shape
from simgen.truth.cast import cast
from simgen.truth.match import match
from simgen.truth.raycast import raycast
from simgen.truth.surface import Surface
from simgen.truth.view import camera_facets
from simgen.views import right_eye

WIDTH, HEIGHT = 96, 64
CAMERA = Camera(width=WIDTH, height=HEIGHT, focal_mm=36.0)
FOCAL = 96.0
V, U = np.mgrid[:HEIGHT, :WIDTH] + 0.5
X, Y = (U - WIDTH / 2) / FOCAL, (V - HEIGHT / 2) / FOCAL  # of the ray at z = 1


def slab(depth, width=40.0, height=40.0, x=0.0, y=0.0, thick=0.5, **more) -> Body:
    """Returns a block whose front faces the camera at `depth`."""
    return Body("slab", Shape.of("block", x=width, y=height, z=thick), (x, y, depth), **more)


def flow(*bodies, motion=None, step=1.0, camera=CAMERA):
    camera = replace(camera, motion=motion) if motion else camera
    spec = SceneSpec(tuple(bodies), camera=camera, step_s=step)
    truth = raycast(spec)
    return truth, match(spec, truth, advance(spec))


def disparity(*bodies, baseline):
    spec = SceneSpec(tuple(bodies), camera=replace(CAMERA, baseline_m=baseline))
    truth = raycast(spec)
    found = match(spec, truth, right_eye(spec))
    assert np.abs(found.shift[..., 1]).max() < 1e-6
    return truth, -found.shift[..., 0], found.seen


def inside(shift):
    """Returns where the pixels' points stay inside the picture."""
    u, v = U + shift[..., 0], V + shift[..., 1]
    return (u >= 0) & (u < WIDTH) & (v >= 0) & (v < HEIGHT)


def clear_of_edges(shift):
    """Returns where that does not hang on the last digit."""
    u, v = U + shift[..., 0], V + shift[..., 1]
    gap = np.minimum(np.abs(u), np.abs(u - WIDTH))
    return np.minimum(gap, np.minimum(np.abs(v), np.abs(v - HEIGHT))) > 1e-4


def near(found, expected):
    assert np.abs(found - expected).max() < 1e-4


def test_nothing_moves():
    truth, found = flow(slab(4.0), slab(2.0, 1.0, 1.0))
    assert (truth.instance > 0).all() and found.seen.all() and np.abs(found.shift).max() < 1e-6
    assert found.shift.dtype == np.float32 and found.seen.dtype == bool


def test_nothing_there():
    truth, found = flow(slab(2.0, 1.0, 1.0), motion=Motion((0.1, 0.0, 0.0)))
    nothing = truth.instance == 0
    assert nothing.any() and not found.seen[nothing].any() and not found.shift[nothing].any()
    _, found = flow(motion=Motion((0.1, 0.0, 0.0)))
    assert not found.seen.any() and not found.shift.any()


@pytest.mark.parametrize(("depth", "x", "y", "step"), [(4.0, 0.1, 0.0, 1.0), (3.0, -0.2, 0.3, 0.5)])
def test_a_plane_shifts_by_f_t_over_z(depth, x, y, step):
    _, found = flow(slab(depth), motion=Motion((x, y, 0.0)), step=step)
    expected = np.broadcast_to(-FOCAL * step / depth * np.array([x, y]), found.shift.shape)
    near(found.shift, expected)
    sure = clear_of_edges(expected)
    assert (found.seen == inside(expected))[sure].all() and 0.5 < found.seen.mean() < 1


@pytest.mark.parametrize("ahead", [0.5, -0.5])
def test_forward_motion_expands_about_the_focus(ahead):
    depth = 4.0
    _, found = flow(slab(depth), motion=Motion((0.0, 0.0, ahead)))
    away = np.stack([U - WIDTH / 2, V - HEIGHT / 2], axis=2)
    expected = away * ahead / (depth - ahead)
    near(found.shift, expected)
    assert (found.seen == inside(expected))[clear_of_edges(expected)].all()


@pytest.mark.parametrize("spin", [(0.0, 0.12, 0.0), (0.1, -0.05, 0.2)])
def test_a_turning_camera_makes_a_homography_whatever_the_depth(spin):
    scene = (slab(9.0), slab(5.0, 2.0, 1.0, -1.0), slab(2.0, 0.6, 0.8, 0.4))
    truth, found = flow(*scene, motion=Motion(spin=spin))
    assert set(np.unique(truth.instance)) == {1, 2, 3}
    k = intrinsics(CAMERA)
    turned = rotation_matrix(axis_angle(spin, float(np.linalg.norm(spin))))
    u, v, w = np.moveaxis(
        np.stack([U, V, np.ones_like(U)], 2) @ (k @ turned.T @ np.linalg.inv(k)).T, 2, 0
    )
    expected = np.stack([u / w - U, v / w - V], axis=2)
    near(found.shift, expected)
    assert (found.seen == inside(expected))[clear_of_edges(expected)].all(), "nothing is uncovered"


def test_only_the_moving_body_moves_and_what_it_covers_then_is_not_seen():
    """A block 1 m wide at 2 m slides right by 0.25 m before a wall at 4 m: 12 px."""
    wall, block = slab(4.0), slab(2.0, 1.0, 0.5, motion=Motion((0.25, 0.0, 0.0)))
    truth, found = flow(wall, block)
    body = truth.instance == 2
    near(found.shift[body], np.array([12.0, 0.0]))
    near(found.shift[~body], 0)
    assert found.seen[body].all() and body.sum() == 48 * 24
    covered = (np.abs(U - WIDTH / 2 - 12) < 24) & (np.abs(V - HEIGHT / 2) < 12)
    assert (found.seen == ~(covered & ~body)).all()
    assert (covered & ~body).sum() == 12 * 24


def test_a_body_that_leaves_the_picture_or_comes_behind_the_camera_is_not_seen():
    truth, found = flow(slab(2.0, 0.5, 0.5, motion=Motion((3.0, 0.0, 0.0))))
    body = truth.instance > 0
    near(found.shift[body], np.array([144.0, 0.0]))
    assert body.any() and not found.seen.any()
    _, found = flow(slab(2.0, 0.5, 0.5, motion=Motion((0.0, 0.0, -9.0))))
    assert not found.seen.any() and not found.shift.any()


def test_a_body_turns_about_its_own_origin():
    """A disc's worth of block turning about the optical axis: pixels turn about the middle."""
    angle = 0.3
    truth, found = flow(slab(3.0, 1.0, 1.0, motion=Motion(spin=(0.0, 0.0, angle))))
    body = truth.instance > 0
    x, y = U - WIDTH / 2, V - HEIGHT / 2
    c, s = np.cos(angle), np.sin(angle)
    expected = np.stack([c * x - s * y - x, s * x + c * y - y], axis=2)
    near(found.shift[body], expected[body])
    assert found.seen[body].all()


def test_the_far_side_of_a_turning_block_is_hidden_by_the_block_itself():
    """Half a turn: all of the face that was in front looks away."""
    block = slab(3.0, 1.0, 1.0, motion=Motion(spin=(0.0, np.pi, 0.0)))
    truth, found = flow(block)
    assert truth.instance.any() and not found.seen.any()


def test_a_body_that_moves_with_the_camera_stays_where_it_is():
    drift = Motion((0.2, -0.1, 0.3))
    truth, found = flow(slab(6.0), slab(2.0, 0.5, 0.5, motion=drift), motion=drift)
    carried = truth.instance == 2
    near(found.shift[carried], 0)
    assert found.seen[carried].all() and np.abs(found.shift[~carried]).max() > 1


@pytest.mark.parametrize("scale", [(1.5, 0.7, 1.0), (-1.0, 1.0, 1.0), (-0.5, 2.0, -1.2)])
def test_scaled_and_mirrored_bodies_move_as_others_do(scale):
    cone = Body(
        "cone", Shape.of("traffic_cone"), (0.1, 0.2, 3.0), axis_angle((1, 0, 0), 1.2), scale
    )
    moving = replace(cone, motion=Motion((0.1, 0.05, 0.0)))
    truth, found = flow(moving)
    body = truth.instance > 0
    expected = FOCAL / truth.depth[..., None] * np.array([0.1, 0.05])
    near(found.shift[body], expected[body])
    assert found.seen[body].mean() > 0.9


# stereo


@pytest.mark.parametrize(("depth", "baseline"), [(4.0, 0.25), (7.0, 0.06)])
def test_a_plane_has_the_disparity_f_b_over_z(depth, baseline):
    _, found, seen = disparity(slab(depth), baseline=baseline)
    expected = FOCAL * baseline / depth
    near(found, expected)
    assert (seen == (U - expected >= 0)).all()


def test_the_strip_left_of_a_box_is_seen_by_the_left_eye_alone():
    """At 2 m before a wall at 6 m: f b (1/2 - 1/6) = 8 px wide, as high as the box."""
    truth, found, seen = disparity(slab(6.0), slab(2.0, 0.5, 0.5), baseline=0.25)
    near(found, FOCAL * 0.25 / truth.depth)
    left = (WIDTH - 0.5 * FOCAL / 2) / 2
    strip = (left - 8 < U) & (U < left) & (np.abs(V - HEIGHT / 2) < 12)
    assert strip.sum() == 8 * 24
    assert (seen == ~strip & (U - found >= 0)).all()


def test_a_thread_that_no_pixel_of_either_picture_sees_hides_what_is_behind_it():
    """0.2 px wide, it shifts by 1.75 px and the wall behind it by 1.25."""
    depth, baseline = 20 / 7, 5 / FOCAL
    thread = slab(depth, 0.2 * depth / FOCAL, 4.0, thick=0.001)
    spec = SceneSpec((slab(4.0), thread), camera=replace(CAMERA, baseline_m=baseline))
    for view in (spec, right_eye(spec)):
        assert (raycast(view).instance == 1).all()
    _, found, seen = disparity(*spec.bodies, baseline=baseline)
    assert (~seen & (U - found >= 0)).sum() == HEIGHT
    assert not seen[:, WIDTH // 2 - 1].any(), "at 47.5, and at 46.25 in the right picture"


# lenses


@pytest.mark.parametrize(
    "lens",
    [
        Lens("brown_conrady", (-0.2, 0.05)),
        Lens("fisheye", (0.02, -0.01)),
        Lens("fisheye"),
    ],
)
def test_a_camera_that_rolls_turns_the_picture_behind_any_round_lens(lens):
    """All is at the centre of a room; a fisheye of 12 mm sees 200 degrees across."""
    wide = replace(CAMERA, lens=lens, focal_mm=12.0 if lens.model == "fisheye" else 24.0)
    truth, found = flow(*_room(), motion=Motion(spin=(0.0, 0.0, 0.4)), camera=wide)
    there = truth.instance > 0
    x, y = U - WIDTH / 2, V - HEIGHT / 2
    c, s = np.cos(0.4), np.sin(0.4)
    expected = np.stack([c * x + s * y - x, c * y - s * x - y], axis=2)
    near(found.shift[there], expected[there])
    sure = there & clear_of_edges(expected)
    assert (found.seen == inside(expected))[sure].all() and there.mean() > 0.9


def _room():
    big = Shape.of("block", x=12.0, y=12.0, z=1.0)
    sides = [((0, 1, 0), i * np.pi / 2) for i in range(4)] + [
        ((1, 0, 0), a) for a in (1.5707963, -1.5707963)
    ]
    for axis, angle in sides:
        turn = axis_angle(axis, angle)
        yield Body("side", big, tuple(rotation_matrix(turn) @ (0, 0, 4.0)), turn)


def test_a_fisheye_sees_a_body_come_out_from_behind_a_wall():
    """Sideways, where a pinhole sees nothing: the same tolerance, another way of finding out."""
    wide = replace(CAMERA, lens=Lens("fisheye"), focal_mm=12.0)
    wall = Body("wall", Shape.of("block", x=0.2, y=2.0, z=1.0), (3.0, 0.0, -0.5))
    moving = replace(wall, motion=Motion((0.0, 0.0, 1.0)))
    truth, found = flow(*_room(), moving, camera=wide)
    spec = SceneSpec((*_room(), moving), camera=wide, step_s=1.0)
    then = raycast(advance(spec))
    covered = (then.instance == 7) & (truth.instance != 7)
    assert covered.sum() > 50 and not found.seen[covered].any()
    assert found.seen[(then.instance == truth.instance) & (truth.instance != 7)].all()


def test_seen_is_what_a_ray_to_the_point_says():
    """Two casters, on thin parts, holes and a moving camera."""
    rng = np.random.default_rng(3)
    props = ("pallet", "stillage", "traffic_cone", "small_load_carrier", "drum")
    bodies = [
        Body(
            prop,
            Shape.of(prop),
            (*rng.uniform(-1.5, 1.5, 2), rng.uniform(2, 6)),
            axis_angle(tuple(rng.normal(size=3)), 2.0),
            motion=Motion(tuple(rng.uniform(-0.3, 0.3, 3)), tuple(rng.uniform(-0.3, 0.3, 3))),
        )
        for prop in props * 3
    ]
    spec = SceneSpec((*bodies, slab(7.0)), camera=CAMERA, step_s=0.5)
    spec = replace(spec, camera=replace(CAMERA, motion=Motion((0.2, 0.1, 0.1), (0.0, 0.1, 0.2))))
    then, truth = advance(spec), raycast(spec)
    found = match(spec, truth, then)
    there = truth.instance > 0
    uv = np.stack([U, V], 2)[there] + found.shift[there]
    points = _carried(spec, truth, then)
    within = inside(found.shift)[there]
    _, nearness = cast(camera_facets(then), points[within], uv[within])
    assert (found.seen[there][within] == (np.abs(nearness - 1) < 1e-6)).all()
    assert 0.5 < found.seen[there].mean() < 0.95


def _carried(spec, truth, then):
    """Returns the points in the second camera's axes, by way of each body's own axes."""
    surface = Surface.of(spec, truth)
    own, body = surface.object_points(), surface.body[surface.facet]
    turn = np.array([rotation_matrix(b.rotation) * b.scale for b in then.bodies])[body]
    world = np.einsum("pij,pj->pi", turn, own) + np.array([b.position for b in then.bodies])[body]
    return (world - then.camera.position) @ rotation_matrix(then.camera.rotation)
