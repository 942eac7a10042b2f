"""A sphere, a tilted plane and a frame with a hole, against their formulas."""

import sys
from types import ModuleType

import numpy as np
import pytest

from simgen import props
from simgen.geometry import axis_angle, look_at
from simgen.mesh import union
from simgen.solids import box
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.truth.rle import decode
from tests.oracle.closed_form import box_depth, rays, sphere_depth, turned


@pytest.fixture
def picture_frame(monkeypatch):
    """Returns the shape of a square frame around a hole, of four boards that overlap."""
    boards = [((2.0, 0.1, 0.3), (0, 0, z)) for z in (-1.0, 0.7)]
    boards += [((0.3, 0.1, 2.0), (x, 0, -1.0)) for x in (-0.85, 0.85)]
    module = ModuleType("simgen.props.picture_frame")
    module.build = lambda: union(*[box(size, "wood").moved(*at) for size, at in boards])
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = (*props.known(), "picture_frame")
    monkeypatch.setattr(props, "known", lambda: names)
    return Shape.of("picture_frame"), boards


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (0.05, 0.2, -0.03), (-0.17, 0.1, 0.05)])
def test_sphere(place):
    """The third one leaves the frame; its outside is counted on the canvas."""
    eye = (0.2, -2.0, 0.5)
    camera = Camera(eye, look_at(eye, (0.0, 0.0, 0.0)), 96, 72, 200.0)
    shape = Shape.of("ball", radius=0.1, segments=640)
    ball = Body("ball", shape, (place[0], place[1], place[2] - 0.1), category="ball")
    truth = raycast(SceneSpec((ball,), camera=camera))
    depth = sphere_depth(camera, place, 0.1, rays(camera))
    assert ((truth.instance == 1) == np.isfinite(depth)).all()
    hit = np.isfinite(depth)
    assert np.allclose(truth.depth[hit], depth[hit], rtol=1e-4, atol=0)
    canvas = np.isfinite(sphere_depth(camera, place, 0.1, rays(camera, canvas=True)))
    assert truth.amodal[1].outside == canvas.sum() - hit.sum()


def test_tilted_plane():
    """1 / depth of a plane is linear in the pixel; the plane fills the frame."""
    camera = Camera((0, 0, 2), look_at((0, 0, 2), (0.3, 1, 1.2)), 64, 48)
    tilt = axis_angle((1, 0.4, 0), 0.3)
    slab = Body("slab", Shape.of("block", x=64.0, y=64.0, z=1.0), (0, 0, -1), tilt)
    truth = raycast(SceneSpec((slab,), camera=camera))
    normal = turned(tilt, np.array([0.0, 0.0, 1.0]))
    point = np.array([0, 0, -1]) + normal
    depth = ((point - camera.position) @ normal) / (rays(camera) @ normal)
    reached = (depth > 0) & (depth < 10)
    assert reached.mean() > 0.5
    assert np.allclose(truth.depth[reached], depth[reached], rtol=1e-6, atol=0)


def test_hole_is_kept(picture_frame):
    """Through the frame one sees the wall, in the id map and in the decoded run lengths."""
    shape, boards = picture_frame
    camera = Camera((0.5, -5, 0.2), look_at((0.5, -5, 0.2), (0, 0, 0)), 97, 73)
    frame = Body("frame", shape, rotation=axis_angle((0, 0, 1), 0.3), category="frame")
    wall = Body("wall", Shape.of("block", x=40.0, y=1.0, z=40.0), (0, 4, -20))
    spec = SceneSpec((frame, wall), camera=camera)
    truth, directions = raycast(spec), rays(camera)
    expected = np.zeros(truth.instance.shape, bool)
    for (w, d, h), at in boards:
        lower, upper = np.add(at, (-w / 2, -d / 2, 0)), np.add(at, (w / 2, d / 2, h))
        expected |= np.isfinite(box_depth(camera, frame, directions, lower, upper))
    assert ((truth.instance == 1) == expected).all()
    assert truth.instance[36, 48] == 2
    (label,) = annotate(spec, truth)
    assert (decode(label.mask) == expected).all()
    assert label.area == expected.sum() < 0.6 * label.box[2] * label.box[3]


@pytest.mark.parametrize("size", [(97, 73), (96, 72)])
@pytest.mark.parametrize("segments", [8, 64, 256])
def test_no_ray_slips_through(size, segments):
    """A ball fills the view, its pole (where all triangles meet) on the optical axis."""
    ball = Body("ball", Shape.of("ball", radius=1.0, segments=segments))
    for eye in [(0, 0, 2.2), (0, 0, -0.2), (0.9, 0.6, 1.6)]:
        camera = Camera(eye, look_at(eye, (0, 0, 1)), *size, 100.0)
        assert (raycast(SceneSpec((ball,), camera=camera)).instance == 1).all()
