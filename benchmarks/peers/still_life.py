"""The scene that the peers are given: a corner of a warehouse, looked at from a dozen places.

Ordinary, with what labels find hard: wire mesh and rungs with holes, things a few pixels large,
posts that split what stands behind them, neighbours of one class, objects cut by the border.
"""

import json
from dataclasses import replace
from math import cos, pi, sin
from pathlib import Path

import numpy as np

from simgen.geometry import look_at, world_from_body, world_from_camera, yaw
from simgen.mesh import Mesh
from simgen.props import materials_of, mesh_of
from simgen.spec import Body, Camera, Material, SceneSpec, Shape

FLOOR = Body(
    "floor",
    Shape.of("block", x=30.0, y=30.0, z=0.2),
    (0.0, 0.0, -0.2),
    materials={"surface": Material(color=(0.35, 0.35, 0.34))},
)
POST = Shape.of("block", x=0.12, y=0.12, z=3.0)  # has no class: hides, and is not labelled


def _body(category: str, x: float, y: float, turn: float = 0, up: float = 0, **params) -> Body:
    return Body(category, Shape.of(category, **params), (x, y, up), yaw(turn), category=category)


BODIES = (
    FLOOR,
    Body("post", POST, (-0.35, -0.9, 0.0)),
    Body("post", POST, (1.9, -0.2, 0.0)),
    _body("stillage", -0.8, 1.5),
    _body("stillage", 0.5, 1.5, flap_open=True),
    _body("ladder", 1.9, 1.3, 0.4),
    _body("shelf_cart", -2.4, 0.2, 0.6),
    _body("pallet_truck", 1.0, -0.6, 2.2),
    _body("pallet", -0.6, -0.2, 0.1),
    _body("small_load_carrier", -0.87, -0.2, 0.1, 0.144),
    _body("small_load_carrier", -0.33, -0.15, 0.1, 0.144, z=0.147),
    _body("drum", -2.3, 1.6),
    _body("drum", -1.7, 1.7),
    _body("drum", 3.0, 0.9, variant="plastic"),
    _body("traffic_cone", 0.3, -1.8),
    _body("traffic_cone", 2.7, -0.9),
    _body("traffic_cone", -6.0, 8.0, height=0.5),
    _body("fire_extinguisher", 1.3, 0.5),
    _body("bollard", -1.6, -1.0),
    _body("bollard", 5.5, 9.0),
    _body("ball", 0.1, 0.4, radius=0.03),
    _body("ball", 0.9, 0.3, radius=0.02),
    _body("ball", 3.4, 5.0, radius=0.03),
    _body("ball", -3.0, 6.5, radius=0.05),
    _body("ball", -0.2, -0.9, radius=0.03),
    _body("carton", 2.6, 2.4, 0.5),
    _body("carton", 2.6, 2.4, 0.2, 0.3),
)
CATEGORIES = tuple(sorted({body.category for body in BODIES if body.category}))


def _camera(i: int, frames: int, width: int, height: int) -> Camera:
    """Returns the i-th camera of an arc before the scene: nearer and farther, higher and lower."""
    turn = (i + 0.5) / frames * 0.9 * pi + 1.05 * pi
    reach = (3.2, 5.0, 7.5)[i % 3]
    eye = reach * cos(turn), 0.4 + reach * sin(turn), (1.1, 1.6, 2.4)[i % 3]
    target = 0.5 * sin(2.1 * i), 0.5 + 0.4 * cos(1.3 * i), 0.5
    return Camera(eye, look_at(eye, target), width, height, focal_mm=30.0)


def views(frames: int, width: int, height: int) -> tuple[SceneSpec, ...]:
    """Returns the same bodies before each of the cameras."""
    spec = SceneSpec(BODIES)
    return tuple(replace(spec, camera=_camera(i, frames, width, height)) for i in range(frames))


def export(specs: tuple[SceneSpec, ...], folder: Path) -> None:
    """Writes scene.json and meshes/*.ply: what another renderer needs to make the same pictures."""
    (folder / "meshes").mkdir(parents=True)
    shapes = list(dict.fromkeys(body.shape for body in BODIES))
    for i, shape in enumerate(shapes):
        (folder / f"meshes/{i}.ply").write_bytes(ply(mesh_of(shape)))
    camera = specs[0].camera
    scene = {
        "categories": {name: i + 1 for i, name in enumerate(CATEGORIES)},
        "bodies": [_plain(body, shapes.index(body.shape)) for body in BODIES],
        "size": (camera.width, camera.height),
        "focal_mm": camera.focal_mm,
        "sensor_mm": camera.sensor_mm,
        "world_from_camera": [world_from_camera(spec.camera).tolist() for spec in specs],
    }
    (folder / "scene.json").write_text(json.dumps(scene))


def _plain(body: Body, mesh: int) -> dict:
    """Returns a body as JSON has it, in the colour that most of its triangles have."""
    shape = mesh_of(body.shape)
    slot = shape.slots[np.bincount(shape.slot).argmax()]
    return {
        "name": body.name,
        "category_id": CATEGORIES.index(body.category) + 1 if body.category else 0,
        "mesh": f"meshes/{mesh}.ply",
        "world_from_body": world_from_body(body).tolist(),
        "color": materials_of(body)[slot].color,
    }


def ply(mesh: Mesh) -> bytes:
    """Returns the mesh's vertices and triangles as a binary PLY file, to the last bit."""
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(mesh.vertices)}\n"
        "property float x\nproperty float y\nproperty float z\n"
        f"element face {len(mesh.triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    faces = np.zeros(len(mesh.triangles), [("n", "u1"), ("corners", "<i4", 3)])
    faces["n"], faces["corners"] = 3, mesh.triangles
    return header.encode() + mesh.vertices.astype("<f4").tobytes() + faces.tobytes()
