"""A second, independent engine on the same rays: Embree against the casting in simgen.truth."""

import numpy as np
import pytest

from simgen.geometry import intrinsics, look_at, transform, world_from_body, world_from_camera, yaw
from simgen.lens import rays
from simgen.props import mesh_of
from simgen.spec import PINHOLE, Body, Camera, SceneSpec, Shape
from simgen.truth.raycast import raycast

embree_scene = pytest.importorskip("embreex.rtcore_scene")
embree_mesh = pytest.importorskip("embreex.mesh_construction")

PROPS = ("pallet", "stillage", "forklift", "small_load_carrier", "traffic_cone", "ball")


def shelf_of_props() -> SceneSpec:
    bodies = tuple(
        Body(prop, Shape.of(prop), (1.6 * i - 4.0, 0.4 * i, 0.0), yaw(0.7 * i), (1.0, 1.0, 1.3))
        for i, prop in enumerate(PROPS)
    )
    eye = (0.3, -6.0, 2.1)
    camera = Camera(eye, look_at(eye, (0.0, 1.0, 0.6)), 320, 240, focal_mm=20.0)
    return SceneSpec(bodies=bodies, camera=camera)


def embree(spec: SceneSpec) -> tuple[np.ndarray, np.ndarray]:
    """Returns ids and depths, through a lens distances."""
    scene = embree_scene.EmbreeScene()
    for body in spec.bodies:
        mesh = mesh_of(body.shape)
        points = transform(world_from_body(body), mesh.vertices.astype(float)).astype(np.float32)
        embree_mesh.TriangleMesh(scene, points, mesh.triangles)
    width, height = spec.camera.width, spec.camera.height
    toward = _directions(spec.camera)
    toward = (toward @ world_from_camera(spec.camera)[:3, :3].T).astype(np.float32)
    start = np.broadcast_to(np.float32(spec.camera.position), toward.shape).copy()
    hit = scene.run(start, toward, output=True)
    missed = hit["geomID"] < 0
    instance = np.where(missed, 0, hit["geomID"] + 1).reshape(height, width)
    return instance, np.where(missed, np.inf, hit["tfar"]).reshape(height, width)


def _directions(camera: Camera) -> np.ndarray:
    if camera.lens != PINHOLE:
        found = rays(camera).reshape(-1, 3)
        found = found / np.linalg.norm(found, axis=1, keepdims=True)
        return np.where(np.isfinite(found), found, 0)  # no direction: nothing is hit
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    pixels = np.column_stack([u.ravel(), v.ravel(), np.ones(u.size)])
    return pixels @ np.linalg.inv(intrinsics(camera)).T  # z = 1: distances are depths


def test_embree_sees_the_same_bodies_at_the_same_depths():
    spec = shelf_of_props()
    truth = raycast(spec)
    instance, depth = embree(spec)
    same = truth.instance == instance
    assert set(np.unique(instance)) == set(range(len(PROPS) + 1))
    assert (~same).sum() <= 3  # single precision decides otherwise on a few edges
    seen = same & (instance > 0)
    assert np.abs(truth.depth[seen] / depth[seen] - 1).max() < 1e-3
    assert np.median(np.abs(truth.depth[seen] / depth[seen] - 1)) < 1e-6
