"""Truth through lenses: closed forms, the pinhole's scan, Embree, and every ray tried."""

from dataclasses import replace

import numpy as np
import pytest

from simgen.geometry import axis_angle, look_at, multiply, rotation_matrix
from simgen.lens import CENTRE_U, CENTRE_V, cosines, pixels, rays
from simgen.spec import Body, Camera, Lens, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.cast import cast
from simgen.truth.cull import small_boxes
from simgen.truth.raycast import raycast
from simgen.truth.view import camera_facets
from tests.test_cast import crowd
from tests.test_embree import embree, shelf_of_props

BARREL = Lens("brown_conrady", (-0.28, 0.07, 0.002, -0.003, 0.01))
FOLDED = Lens("brown_conrady", (-0.3,))
FISHEYE = Lens("fisheye", (0.05, -0.01, 0.003, -0.0007))
ALL_AROUND = Lens("fisheye")
LENSES = [(BARREL, 22.0), (FOLDED, 28.0), (FISHEYE, 10.0), (ALL_AROUND, 6.0)]
through_each_lens = pytest.mark.parametrize(("lens", "focal_mm"), LENSES, ids=str)


def seen_through(spec: SceneSpec, lens: Lens, focal_mm: float) -> SceneSpec:
    return replace(spec, camera=replace(spec.camera, lens=lens, focal_mm=focal_mm))


def labelled(spec: SceneSpec) -> SceneSpec:
    return replace(spec, bodies=tuple(replace(body, category=body.name) for body in spec.bodies))


def spokeless_wheels() -> SceneSpec:
    """Returns rods in rings around the optical axis, each of them square to it: a lens bends them
    most, out of the boxes around their ends."""
    rod = Shape.of("block", x=0.9, y=0.03, z=0.03)
    bodies = [
        Body(
            "rod",
            rod,
            tuple(off * np.array([np.sin(a), np.cos(a), 0]) + (0, 0, 1)),
            axis_angle((0, 0, 1), -a),
        )
        for off in (0.4, 0.6, 0.8, 1.0)
        for a in np.linspace(0, 2 * np.pi, 16)
    ]
    return SceneSpec(tuple(bodies), camera=Camera(width=160, height=120))


@pytest.mark.parametrize("size", [(None, None), (61, 33)])
def test_a_lens_without_distortion_sees_what_a_pinhole_does(size):
    spec = labelled(crowd())
    scanned = raycast(spec, *size)
    bent = raycast(seen_through(spec, Lens("brown_conrady", (0.0,)), spec.camera.focal_mm), *size)
    assert (bent.instance == scanned.instance).all()
    assert (bent.triangle == scanned.triangle).all()
    assert np.allclose(bent.depth, scanned.depth, rtol=1e-6, atol=0)
    assert bent.amodal.keys() == scanned.amodal.keys()
    for i, amodal in scanned.amodal.items():
        assert bent.amodal[i].box == amodal.box and bent.amodal[i].outside == amodal.outside
        assert (bent.amodal[i].mask == amodal.mask).all()
    assert any(amodal.outside for amodal in scanned.amodal.values())


@through_each_lens
def test_embree_sees_the_same_along_the_same_rays(lens, focal_mm):
    spec = seen_through(shelf_of_props(), lens, focal_mm)
    truth, (instance, distance) = raycast(spec), embree(spec)
    same = truth.instance == instance
    assert (~same).sum() <= 5  # single precision decides otherwise on a few edges
    seen = same & (instance > 0)
    difference = np.abs((truth.depth / cosines(spec.camera))[seen] / distance[seen] - 1)
    assert difference.max() < 2e-3 and np.median(difference) < 1e-6


@through_each_lens
@pytest.mark.parametrize("size", [(160, 120), (96, 72), (32, 24)])
@pytest.mark.parametrize("spec", [crowd(), spokeless_wheels()], ids=["crowd", "wheels"])
def test_small_facets_are_met_by_all_rays_that_meet_them(spec, lens, focal_mm, size):
    """They are tried on the pixels around them alone; cast tries them on bundles of rays."""
    spec = seen_through(spec, lens, focal_mm)
    truth, facets = raycast(spec, *size, amodal=False), camera_facets(spec)
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    met, _ = cast(
        facets, rays(spec.camera, *size).reshape(-1, 3), np.column_stack([x.flat, y.flat])
    )
    assert (truth.instance.ravel() == np.append(facets.owner + 1, 0)[met]).all()
    assert (truth.triangle.ravel() == np.append(facets.triangle, -1)[met]).all()


def test_most_facets_are_small():
    spec = seen_through(crowd(), FISHEYE, 10.0)
    small, boxes = small_boxes(camera_facets(spec), spec.camera, 160, 120)
    assert small.mean() > 0.5 and not boxes[:, ~small].any()


@through_each_lens
def test_silhouettes_beyond_the_picture_are_those_of_every_ray_of_the_canvas(lens, focal_mm):
    spec = labelled(seen_through(crowd(), lens, focal_mm))
    eye = (0.3, -0.6, 1.3)
    rotation = look_at(eye, (0, 1, 0.9))
    camera = replace(spec.camera, position=eye, rotation=rotation, width=72, height=54)
    truth = raycast(replace(spec, camera=camera))
    y, x = np.mgrid[-54:108, -72:144]
    outside = ((x < 0) | (x >= 72) | (y < 0) | (y >= 54)).ravel()
    canvas = rays(camera, window=(-72, -54, 144, 108)).reshape(-1, 3)[outside]
    uv = np.column_stack([x.ravel(), y.ravel()])[outside]
    for i, amodal in truth.amodal.items():
        alone = camera_facets(replace(spec, bodies=(spec.bodies[i - 1],), camera=camera))
        met, _ = cast(alone, canvas, uv)
        assert amodal.outside == (met >= 0).sum()
    assert any(amodal.outside for amodal in truth.amodal.values())


@pytest.mark.parametrize("lens", [ALL_AROUND, FISHEYE])
def test_a_sphere_on_the_axis_is_a_disc(lens):
    """Of radius f theta, bent: the angle at which a tangent from the eye touches the sphere."""
    camera = Camera(width=96, height=72, focal_mm=12.0, lens=lens)
    ball = Body("ball", Shape.of("ball", radius=1.0, segments=320), (0, 0, 0.25))
    truth = raycast(SceneSpec((ball,), camera=camera))  # the ball stands on its position
    theta, k = np.arcsin(1 / 1.25), (*lens.coefficients, 0, 0, 0, 0)[:4]
    radius = 32 * theta * (1 + sum(c * theta ** (2 * i + 2) for i, c in enumerate(k)))
    v, u = np.mgrid[:72, :96]
    away = np.hypot(u + CENTRE_U - 48, v + CENTRE_V - 36)
    assert radius < 36 and ((truth.instance == 1) == (away < radius)).all()


def test_a_wall_across_the_axis_has_one_depth_and_a_distance_that_grows():
    camera = Camera(width=64, height=48, focal_mm=9.0, lens=ALL_AROUND)
    wall = Body("wall", Shape.of("block", x=4000.0, y=4000.0, z=1.0), (0, 0, 2.0))
    truth = raycast(SceneSpec((wall,), camera=camera))
    v, u = np.mgrid[:48, :64]
    angle = np.hypot(u + CENTRE_U - 32, v + CENTRE_V - 24) / 16
    ahead = angle < 1.5
    assert (truth.instance[ahead] == 1).all() and not truth.instance[angle > np.pi / 2].any()
    assert np.allclose(truth.depth[ahead], 2.0, rtol=1e-6)
    distance = truth.depth / cosines(camera)
    assert np.allclose(distance[ahead], 2 / np.cos(angle[ahead]), rtol=1e-5)


def test_what_is_behind_a_fisheye_has_a_depth_below_zero():
    camera = Camera(width=64, height=48, focal_mm=6.0, lens=ALL_AROUND)
    wall = Body("wall", Shape.of("block", x=4000.0, y=4000.0, z=1.0), (0, 0, -3.0))  # up to -2
    truth = raycast(SceneSpec((wall,), camera=camera))
    behind = cosines(camera) < -0.1
    assert behind.any() and (truth.instance == 1)[behind].all()
    assert np.allclose(truth.depth[behind], -2, rtol=1e-6)
    assert not truth.instance[cosines(camera) > 0].any()


@pytest.mark.parametrize("lens", [ALL_AROUND, FISHEYE])
def test_a_turned_camera_sees_the_same_along_the_same_ray(lens):
    spec = seen_through(crowd(), lens, 9.0)
    truth = raycast(spec)
    turn = axis_angle((0.3, 1.0, -0.2), 0.8)
    turned = replace(spec.camera, rotation=multiply(spec.camera.rotation, turn))
    there = rays(spec.camera).reshape(-1, 3) @ rotation_matrix(turn)  # in the turned axes
    facets = camera_facets(replace(spec, camera=turned))
    met, _ = cast(facets, there, np.nan_to_num(pixels(turned, there)))
    found = np.append(facets.owner + 1, 0)[met].reshape(truth.instance.shape)
    assert (found != truth.instance).sum() <= 2  # an edge within a rounding of the ray


def test_where_the_lens_has_no_ray_nothing_is_seen():
    camera = Camera(width=64, height=48, focal_mm=18.0, lens=FOLDED)
    around = Body("around", Shape.of("block", x=9.0, y=9.0, z=9.0), (0, 0, 2), category="around")
    truth = raycast(SceneSpec((around,), camera=camera))
    blind = np.isnan(rays(camera)[..., 0])
    assert 0.1 < blind.mean() < 0.5
    assert ((truth.instance == 0) == blind).all() and (np.isinf(truth.depth) == blind).all()
    assert ((truth.triangle == -1) == blind).all()
    assert (truth.amodal[1].outside == 0) and truth.amodal[1].mask.sum() == (~blind).sum()


def test_labels_through_a_lens_are_where_the_lens_shows_things():
    spec = labelled(seen_through(shelf_of_props(), FISHEYE, 10.0))
    truth = raycast(spec)
    for label in annotate(spec, truth):
        if label.truncation:
            continue
        x, y, w, h = label.amodal_box
        uv = np.array(label.cuboid_px)  # a straight edge bends by less than a pixel here
        assert (uv.min(0) - 1 <= (x, y)).all() and (uv.max(0) + 1 >= (x + w, y + h)).all()


@through_each_lens
def test_previews_show_the_same_view(lens, focal_mm):
    spec = seen_through(crowd(), lens, focal_mm)
    small, large = raycast(spec, 32, 24, amodal=False), raycast(spec, 160, 120)
    assert small.amodal == {}
    assert (small.instance == large.instance[2::5, 2::5]).mean() > 0.995
