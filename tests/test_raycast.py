from dataclasses import replace

import numpy as np
import pytest

from simgen import props
from simgen.errors import SimgenError
from simgen.geometry import (
    axis_angle,
    intrinsics,
    look_at,
    transform,
    world_from_camera,
    yaw,
)
from simgen.solids import box
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth import solid
from simgen.truth.raycast import camera_inside, raycast

CUBE = Shape.of("block")
EYE = (0.5, -4.0, 1.5)
CAMERA = Camera(EYE, look_at(EYE, (0.0, 0.0, 0.5)), 96, 72)


def spec_of(*bodies, camera=CAMERA):
    return SceneSpec(bodies, camera=camera)


def cube(at=(0.0, 0.0, 0.0), **fields):
    return Body("cube", CUBE, at, **fields)


def equal(a, b):
    """Whether two truths are the same to the last bit."""
    return _plain(a) == _plain(b)


def _plain(truth):
    amodal = {i: (m.box, m.outside, m.mask.tobytes()) for i, m in truth.amodal.items()}
    return truth.instance.tobytes(), truth.depth.tobytes(), amodal


def test_empty_scene():
    truth = raycast(spec_of())
    assert truth.instance.shape == truth.depth.shape == (72, 96)
    assert (truth.instance.dtype, truth.depth.dtype) == (np.uint16, np.float32)
    assert not truth.instance.any() and np.isinf(truth.depth).all() and not truth.amodal


def test_depth_is_along_the_axis():
    """A wall that faces the camera is equally deep in the middle and in the corner."""
    camera = Camera((0, -3, 0), look_at((0, -3, 0), (0, 0, 0)), 64, 48)
    wall = Body("wall", Shape.of("block", x=20.0, y=1.0, z=20.0), (0, 0.5, -10))
    assert (raycast(spec_of(wall, camera=camera)).depth == 3).all()


def test_only_visible_bodies_with_a_category_have_amodal_masks():
    front = cube((0, -1, 0), scale=(3, 0.1, 3))
    hidden = cube((0, 1, 0), category="box")
    aside = cube((-1.9, 0, 0), category="box")
    truth = raycast(spec_of(front, hidden, aside))
    assert set(np.unique(truth.instance)) == {0, 1, 3}
    assert set(truth.amodal) == {3}


def test_amodal_mask_ignores_what_stands_before():
    pole = cube((0.1, -1, 0), scale=(0.1, 0.1, 2), category="pole")
    box_behind = cube(category="box")
    both, alone = raycast(spec_of(pole, box_behind)), raycast(spec_of(box_behind))
    assert (both.amodal[2].mask == alone.amodal[1].mask).all()
    assert (both.instance == 2).sum() < both.amodal[2].mask.sum() == (alone.instance == 1).sum()


def test_first_of_two_in_one_place():
    truth = raycast(spec_of(cube(), cube()))
    assert set(np.unique(truth.instance)) == {0, 1}


def test_first_of_two_level_tops():
    """Seen from above, where both are equally deep but for the rounding of their turns."""
    camera = Camera((0.1, 0.2, 5), look_at((0.1, 0.2, 5), (0.3, 0.1, 0)), 96, 72)
    bodies = [cube((x, x, 0), rotation=yaw(1 + x)) for x in (0.0, 0.3)]
    alone = raycast(spec_of(bodies[0], camera=camera)).instance == 1
    depth = raycast(spec_of(*bodies, camera=camera)).depth
    top = alone & (depth < depth[alone].min() * 1.005)
    assert top.sum() > 100
    assert (raycast(spec_of(*bodies, camera=camera)).instance[top] == 1).all()


def test_order_of_bodies_changes_ids_alone():
    bodies = [cube((x, x, x / 9), rotation=yaw(x), category="box") for x in (-0.6, 0.0, 0.7)]
    forward, backward = raycast(spec_of(*bodies)), raycast(spec_of(*bodies[::-1]))
    assert (forward.depth == backward.depth).all()
    assert (np.where(forward.instance, 4 - forward.instance, 0) == backward.instance).all()


def test_mirrored_body_shows_its_outside():
    turned = yaw(0.4)
    plain, mirrored = (
        raycast(spec_of(cube(rotation=turned, scale=(x, 1, 1), category="box"))) for x in (1, -1)
    )
    assert equal(plain, mirrored)


def test_same_spec_same_truth():
    bodies = [cube((x, 0, 0), rotation=axis_angle((1, x, 0), x), category="box") for x in (0, 1)]
    other = raycast(spec_of(cube((0.3, 0, 0))))
    assert equal(raycast(spec_of(*bodies)), raycast(spec_of(*bodies)))
    assert not equal(raycast(spec_of(*bodies)), other)


@pytest.mark.parametrize("size", [(32, 24), (32, 72), (96, 24)])
def test_low_resolution_is_the_same_view(size):
    """Every third pixel centre of the full truth is a pixel centre of the coarse one."""
    bodies = [cube((x, x, 0), rotation=yaw(x), category="box") for x in (-0.6, 0.0, 0.7)]
    full, coarse = raycast(spec_of(*bodies)), raycast(spec_of(*bodies), *size)
    columns = slice(1, None, 3) if size[0] == 32 else slice(None)
    rows = slice(1, None, 3) if size[1] == 24 else slice(None)
    assert (full.instance[rows, columns] == coarse.instance).all()
    assert np.allclose(full.depth[rows, columns], coarse.depth, rtol=1e-6)
    assert set(coarse.amodal) == {1, 2, 3}


def test_batches_do_not_show(monkeypatch):
    bodies = [cube((x, -x, 0), rotation=yaw(x), category="box") for x in np.linspace(-1, 1, 9)]
    whole = raycast(spec_of(*bodies))
    monkeypatch.setattr("simgen.truth.scan.BATCH", 64)
    assert equal(whole, raycast(spec_of(*bodies)))


def test_scale_of_zero_is_named():
    with pytest.raises(SimgenError, match=r"cube: scale=\(1, 0, 1\) must not be 0"):
        raycast(spec_of(cube(scale=(1, 0, 1))))


def nearest(mesh, camera):
    """Returns triangle and depth of each pixel by trying each ray on each triangle (Moeller and
    Trumbore 1997), both of its sides."""
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    ray = (
        np.stack([u, v, np.ones_like(u)], -1).reshape(-1, 1, 3)
        @ np.linalg.inv(intrinsics(camera)).T
    )
    local = transform(np.linalg.inv(world_from_camera(camera)), mesh.vertices.astype(float))
    a, b, c = local[mesh.triangles].swapaxes(0, 1)
    across = np.cross(ray, c - a)
    volume = (across * (b - a)).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = (across * -a).sum(-1) / volume
        along = np.cross(-a, b - a)
        t = (along * ray).sum(-1) / volume
        depth = ((c - a) * along).sum(-1) / volume
        met = (s >= 0) & (t >= 0) & (s + t <= 1) & (depth > 0)
    depth = np.where(met, depth, np.inf)
    first = np.where(met.any(1), depth.argmin(1), -1)
    size = (camera.height, camera.width)
    return first.reshape(size), depth.min(1).reshape(size)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda mesh: replace(mesh, triangles=mesh.triangles[1:]),
        lambda mesh: replace(mesh, triangles=mesh.triangles[:, ::-1]),
        lambda mesh: replace(
            mesh, triangles=np.vstack([mesh.triangles[:1, ::-1], mesh.triangles[1:]])
        ),
    ],
    ids=["open", "inside out", "one face turned"],
)
def test_a_mesh_that_is_not_closed_shows_both_sides(monkeypatch, spoil):
    """Whatever the winding says, the nearest triangle on a pixel's ray is what it sees."""
    mesh = spoil(box((1, 1, 1), "s"))
    monkeypatch.setattr(solid, "mesh_of", lambda _: mesh)
    body = Body("spoilt", Shape.of("block", x=7.0), category="thing")
    solid.solid_of.cache_clear()
    assert not solid.solid_of(body.shape).closed
    for eye in [(0.3, -2, 1.6), (2, 0.1, 0.2), (-1, -1.5, -1), (0.4, 1, 2.5), (0.1, 0.2, 0.4)]:
        camera = Camera(eye, look_at(eye, (0.0, 0.0, 0.5)), 48, 36, 20.0)
        truth = raycast(SceneSpec((body,), camera=camera))
        triangle, depth = nearest(mesh, camera)
        assert np.array_equal(truth.triangle, triangle)
        assert np.allclose(truth.depth, depth, rtol=1e-6)
    solid.solid_of.cache_clear()


@pytest.mark.parametrize("name", props.names())
def test_props_are_closed(name):
    assert solid.solid_of(Shape.of(name)).closed


def room():
    """Returns six slabs around the space from (-2, -2, 0) to (2, 2, 3)."""
    return [
        Body("wall", Shape.of("block", x=x, y=y, z=z), at)
        for (x, y, z), at in [
            ((4.0, 4.0, 0.2), (0, 0, -0.2)),
            ((4.0, 4.0, 0.2), (0, 0, 3)),
            ((0.2, 4.0, 3.0), (-2.1, 0, 0)),
            ((0.2, 4.0, 3.0), (2.1, 0, 0)),
            ((4.0, 0.2, 3.0), (0, -2.1, 0)),
            ((4.0, 0.2, 3.0), (0, 2.1, 0)),
        ]
    ]


@pytest.mark.parametrize(
    ("position", "name"),
    [
        ((0, 0, 1.5), None),  # free, in the room
        ((2.1, 0.3, 1.0), "wall"),
        ((1.2, 0.1, 0.6), "ball"),
        ((1.2, 0.45, 1.05), None),  # in the ball's box, not in the ball
        ((9, 9, 9), None),
    ],
)
def test_camera_inside(position, name):
    ball = Body("ball", Shape.of("ball", radius=0.5), (1.2, 0, 0), yaw(1.0), (1.0, 1.0, -1.2))
    ball = replace(ball, position=(1.2, 0.0, 1.2))
    assert camera_inside(spec_of(*room(), ball, camera=Camera(position))) == name


def test_camera_where_parts_overlap():
    """The handle's and the deck's parts of a prop overlap; inside two of them is inside."""
    drum = Body("drum", Shape.of("drum"))
    assert camera_inside(spec_of(drum, camera=Camera((0, 0, 0.4)))) == "drum"
