"""Defects: closed meshes that differ where they should and nowhere else, seen by the camera."""

from dataclasses import replace

import numpy as np
import pytest

from simgen.defects import spoilt
from simgen.frame import Truth
from simgen.geometry import look_at, transform, world_from_body
from simgen.mesh import Mesh
from simgen.props import keypoints_of, materials_of, mesh_of, sound
from simgen.props.defective import KINDS
from simgen.refine import refined
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast

PROPS = ("tin", "gear", "bolt", "mug")
EYE = (0.1, -0.25, 0.35)


def closed(mesh: Mesh) -> bool:
    _, place = np.unique(mesh.vertices, axis=0, return_inverse=True)
    t = place.reshape(-1)[mesh.triangles]
    edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    forth, back = (np.sort(e[:, 0] * len(place) + e[:, 1]) for e in (edges, edges[:, ::-1]))
    return np.array_equal(forth, back)


def measures(mesh: Mesh) -> tuple[float, float]:
    """Returns volume and area."""
    a, b, c = mesh.vertices.astype(float)[mesh.triangles].swapaxes(0, 1)
    return (a * np.cross(b, c)).sum() / 6, np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2


def spoil(prop: str, kind: str, seed: int = 0) -> Body:
    return spoilt(Body(prop, Shape(prop), category=prop), kind, EYE, np.random.default_rng(seed))


def seen(body: Body) -> Truth:
    camera = Camera(EYE, look_at(EYE, (0.0, 0.0, 0.03)), 480, 360, 60.0)
    return raycast(SceneSpec((body,), camera=camera))


@pytest.mark.parametrize("prop", PROPS)
@pytest.mark.parametrize("seed", range(3))
def test_a_finer_mesh_is_the_same_surface(prop, seed):
    mesh = mesh_of(Shape(prop))
    spot = mesh.vertices[np.random.default_rng(seed).integers(len(mesh.vertices))].astype(float)
    fine = refined(mesh, spot, 0.01, 0.001)
    assert closed(fine) and measures(fine) == pytest.approx(measures(mesh), rel=1e-5)
    corners = fine.vertices[fine.triangles]
    length = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2).max(1)
    near = np.linalg.norm(corners.mean(1) - spot, axis=1) < 0.008
    assert near.any() and length[near].max() <= 0.001 + 1e-9


@pytest.mark.parametrize("prop", PROPS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_spoilt_is_closed_and_says_so(prop, kind):
    body = spoil(prop, kind)
    assert closed(mesh_of(body.shape)) and body.attributes == (kind,)
    assert sound(body.shape) == Shape(prop)
    assert keypoints_of(body.shape) == keypoints_of(Shape(prop))
    assert set(materials_of(body)) == set(mesh_of(body.shape).slots)


@pytest.mark.parametrize("prop", PROPS)
@pytest.mark.parametrize("kind", ["scratch", "discolouration"])
def test_marks_leave_the_shape_and_are_seen(prop, kind):
    body = spoil(prop, kind)
    mesh, was = mesh_of(body.shape), mesh_of(Shape(prop))
    assert measures(mesh) == pytest.approx(measures(was), rel=1e-5)
    truth = seen(body)
    shown = mesh.slot[truth.triangle[truth.triangle >= 0]] == mesh.slots.index(kind)
    assert 0 < shown.mean() < 0.5


@pytest.mark.parametrize("prop", ["tin", "gear", "mug"])
def test_a_dent_goes_inwards_about_its_spot_alone(prop):
    body = spoil(prop, "dent")
    of = dict(body.shape.params)
    mesh = mesh_of(body.shape)
    fine = refined(mesh_of(Shape(prop)), np.array(of["spot"]), of["radius"], of["radius"] / 5)
    moved = mesh.vertices.astype(float) - fine.vertices
    away = np.linalg.norm(fine.vertices - of["spot"], axis=1) > of["radius"]
    assert np.abs(moved[away]).max() < 1e-7
    assert (moved @ of["normal"]).max() < 1e-7
    assert -(moved @ of["normal"]).min() == pytest.approx(0.3 * of["radius"], rel=0.35)
    depth, was = (seen(each).depth for each in (body, replace(body, shape=Shape(prop))))
    both = np.isfinite(depth) & np.isfinite(was)
    assert np.abs(depth[both] - was[both]).max() > 1e-4


def test_a_missing_part_leaves_the_rest_as_it_lay():
    for prop in PROPS:
        body = spoil(prop, "missing_part")
        mesh, was = mesh_of(body.shape), mesh_of(Shape(prop))
        assert len(mesh.triangles) < len(was.triangles)
        assert mesh.bounds[0][2] == pytest.approx(was.bounds[0][2], abs=2e-4)


def test_nothing_is_missing_from_one_piece_nor_what_the_thing_lies_on():
    assert spoil("nut", "missing_part") is None
    tilted = Body("mug", Shape("mug"), rotation=(0.7071, 0.7071, 0.0, 0.0), category="mug")
    lowest = transform(world_from_body(tilted), mesh_of(tilted.shape).vertices.astype(float))
    for seed in range(5):
        left = spoilt(tilted, "missing_part", EYE, np.random.default_rng(seed))
        if left:
            rest = transform(world_from_body(left), mesh_of(left.shape).vertices.astype(float))
            assert rest[:, 2].min() == pytest.approx(lowest[:, 2].min(), abs=2e-4)


def test_attributes_reach_the_label():
    body = spoil("tin", "dent")
    spec = SceneSpec((body,), camera=Camera(EYE, look_at(EYE, (0.0, 0.0, 0.03)), 160, 120))
    (label,) = annotate(spec, raycast(spec))
    assert label.attributes == ("dent",)
