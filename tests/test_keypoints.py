"""Keypoints of props: on the surface, named alike whatever the shape, left and right in place."""

import inspect
from importlib import import_module
from itertools import product

import numpy as np
import pytest
from simgen.scenes.warehouse import CATEGORIES

from simgen import props
from simgen.geometry import look_at
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.points import keypoints
from tests.composing import composed

IN_THE_AIR = ("pocket", "opening")
ON_ITS_BACK = ("flat_print",)  # the top of its picture is away from its front, not up
WITH = [name for name in props.names() if props.keypoint_names(name)]
SHAPES = [
    *(Shape(name) for name in WITH),
    Shape.of("block", x=0.3, y=2.0, z=0.1, chamfer=0.01),
    *(Shape.of("pallet", variant=n) for n in range(1, 5)),
    Shape.of("pallet", x=1.219, y=1.016, top=(0.09,) * 7, bottom=(0.09,) * 3, variant=4),
    Shape.of("pallet", bottom=(0.1, 0.12, 0.12, 0.1), block_z=0.1, board_z=0.018, stamp=False),
    *(Shape.of("small_load_carrier", x=x, y=y, z=z) for x, y, z in (
        (0.3, 0.2, 0.147), (0.4, 0.3, 0.147), (0.4, 0.3, 0.28), (0.6, 0.4, 0.147),
    )),
    Shape.of("stillage", flap_open=True),
    Shape.of("stillage", x=0.8, y=0.6, z=0.7, pitch=0.04),
    Shape.of("carton", x=0.15, y=0.1, z=0.08, label="right", print_on=("front", "right")),
    Shape.of("carton", x=0.78, y=0.58, z=0.3, label="left", print_on=("front", "back")),
    Shape.of("carton", tape=False, label="", print_on=()),
    Shape.of("drum", variant="plastic"),
    Shape.of("drum", diameter=0.4, height=0.5, segments=30),
    Shape.of("traffic_cone", height=0.5, segments=21),
    *(Shape.of("forklift", fork_height=h) for h in (0.05, 0.5, 1.2, 3.0)),
    Shape.of("forklift", mast_height=2.4, fork_length=0.9, width=1.4),
    *(Shape.of("pallet_truck", handle_deg=d, lift=h) for d, h in ((0.0, 0.1), (60.0, 0.02))),
    Shape.of("flat_print", x=0.063, y=0.088, corner_radius=0.0035),
]  # fmt: skip
every = pytest.mark.parametrize("shape", SHAPES, ids=str)


def distance(point, corners) -> float:
    """Returns how far a point is from the nearest of (T, 3, 3) triangles."""
    a, b, c = corners.transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    twice = np.maximum(np.linalg.norm(normal, axis=1), 1e-30)
    height = ((point - a) * normal).sum(1) / twice
    foot = point - (height / twice)[:, None] * normal
    weights = [(np.cross(q - p, foot - p) * normal).sum(1) for p, q in ((a, b), (b, c), (c, a))]
    above = np.abs(height[(np.min(weights, axis=0) >= 0) & (twice > 1e-12)]).min(initial=np.inf)
    return min(above, *(_to_edges(point, p, q) for p, q in ((a, b), (b, c), (c, a))))


def _to_edges(point, p, q) -> float:
    along = q - p
    share = ((point - p) * along).sum(1) / np.maximum((along**2).sum(1), 1e-30)
    return np.linalg.norm(point - p - share.clip(0, 1)[:, None] * along, axis=1).min()


def in_the_air(name: str) -> bool:
    return name.startswith(IN_THE_AIR)


def test_every_labelled_class_of_the_warehouse_has_keypoints():
    clutter = composed()["randomize"]["clutter"]
    assert clutter["labelled"]
    assert set(CATEGORIES) | set(clutter["props"]) <= set(WITH)


@every
def test_points_lie_on_the_surface(shape):
    """To a tenth of a millimetre; where a corner or a rim is broken by up to 2 mm, near it."""
    mesh = props.mesh_of(shape)
    corners = mesh.vertices[mesh.triangles].astype(float)
    for name, point in props.keypoints_of(shape).items():
        broken = name.startswith(("bottom", "top", "foot"))
        if not in_the_air(name):
            assert distance(np.array(point), corners) < (3.5e-3 if broken else 1e-4), name


DIRECTIONS = [np.array(d, float) for d in product((-1, 0, 1), repeat=3) if d[2] >= 0 and any(d[:2])]


@pytest.mark.parametrize("prop", WITH)
def test_every_point_is_seen_from_somewhere_above_the_floor(prop):
    """From at least two sides: none is inside something. A drum's bottom is underneath."""
    body = Body(prop, Shape(prop), category=prop)
    floor = Body("floor", Shape.of("block", x=40.0, y=40.0, z=0.1), (0, 0, -0.1))
    middle = np.mean(props.mesh_of(body.shape).bounds, axis=0)
    seen = dict.fromkeys(props.keypoint_names(prop), 0)
    for direction in DIRECTIONS:
        eye = tuple(middle + 6 * direction / np.linalg.norm(direction) + (0, 0, 0.01))
        camera = Camera(eye, look_at(eye, tuple(middle)), 640, 480)
        for point in keypoints(SceneSpec((body, floor), camera=camera), [1])[1]:
            assert point.visibility > 0
            seen[point.name] += point.visibility == 2
    assert seen.pop("bottom_centre", 0) == 0
    assert min(seen.values()) >= 2, seen


@every
def test_the_middle_of_an_opening_is_in_the_air_inside_the_bounds(shape):
    mesh = props.mesh_of(shape)
    corners, (lower, upper) = mesh.vertices[mesh.triangles].astype(float), mesh.bounds
    for name, point in props.keypoints_of(shape).items():
        if in_the_air(name):
            assert (lower - 1e-6 <= point).all() and (np.array(point) <= upper + 1e-6).all()
            assert distance(np.array(point), corners) > 0.01, name


@every
def test_names_do_not_depend_on_the_arguments(shape):
    points = props.keypoints_of(shape)
    assert tuple(points) == props.keypoint_names(shape.prop)
    assert {type(value) for point in points.values() for value in point} == {float}
    assert len(set(points.values())) == len(points), "two points in one place"


@every
def test_left_and_right_mirror_each_other(shape):
    points = props.keypoints_of(shape)
    for name, (x, y, z) in points.items():
        if "right" in name.split("_"):
            assert x > 0
            assert np.allclose(points[name.replace("right", "left")], (-x, y, z), atol=0.015), name


@every
@pytest.mark.parametrize(
    ("axis", "low", "high"), [(0, "left", "right"), (1, "front", "back"), (2, "bottom", "top")]
)
def test_names_say_where_points_are(shape, axis, low, high):
    """Right is +x, the front is towards -y, the top is up."""
    points = props.keypoints_of(shape)
    axis = 1 if axis == 2 and shape.prop in ON_ITS_BACK else axis
    for name, point in points.items():
        opposite = "_".join(high if word == low else word for word in name.split("_"))
        if opposite != name and opposite in points:
            assert point[axis] < points[opposite][axis], name


@pytest.mark.parametrize("prop", WITH)
def test_skeletons_join_known_points(prop):
    names, edges = props.keypoint_names(prop), props.skeleton(prop)
    assert edges
    assert {name for edge in edges for name in edge} <= set(names)
    assert len({frozenset(edge) for edge in edges}) == len(edges)
    assert all(len(set(edge)) == 2 for edge in edges)


@pytest.mark.parametrize("prop", WITH)
def test_keypoints_take_what_build_takes(prop):
    """With the same defaults: a default is not told twice without being compared."""
    module = import_module(f"simgen.props.{prop}")
    build, points = (inspect.signature(f).parameters for f in (module.build, module.keypoints))
    named = {name: p for name, p in points.items() if p.kind is not p.VAR_KEYWORD}
    assert {name: p.default for name, p in named.items()} == {
        name: build[name].default for name in named
    }
    assert len(named) < len(points) or named.keys() == build.keys()


def test_pockets_of_a_eur_pallet():
    """Where forks enter: 227.5 and 382.5 mm wide by the standard's blocks, 100 mm high."""
    points = props.keypoints_of(Shape("pallet"))
    assert points["pocket_front_right"] == pytest.approx((0.26375, -0.4, 0.072))
    assert points["pocket_left_back"] == pytest.approx((-0.6, 0.18625, 0.05))
    assert sum(name.startswith("pocket") for name in points) == 8


@pytest.mark.parametrize("height", [0.12, 0.5, 1.2])
def test_forks_carry_their_tips(height):
    points = props.keypoints_of(Shape.of("forklift", fork_height=height))
    assert points["fork_heel_left"][2] == pytest.approx(height)
    assert points["fork_tip_left"][1] == pytest.approx(
        props.mesh_of(Shape.of("forklift", fork_height=height)).bounds[0][1], abs=1e-5
    )
    assert points["mast_top_left"][2] == pytest.approx(2.1 + max(0, height - 0.12) / 2)


def test_a_prop_without_keypoints_has_none():
    assert props.keypoints_of(Shape("ladder")) == {}
    assert props.keypoint_names("ladder") == props.skeleton("ladder") == ()
