"""The scene of the race: 40 objects in the air over a floor, new in pose, material and light.

Meshes are the same in every frame, so that a tool may load them once. A frame's seed is its number.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from still_life import ply

from simgen.geometry import look_at, world_from_body, world_from_camera
from simgen.mesh import Mesh
from simgen.props import mesh_of
from simgen.spec import Body, Camera, Light, Material, SceneSpec, Shape, World

PROPS = ("mug", "bowl", "bottle", "tin", "book", "bolt", "gear", "drum", "traffic_cone", "bollard")
COLUMNS, ROWS = 8, 5
CELL = 0.6  # metres from one object to the next
RADIUS = 0.27  # of the sphere around an object: those of neighbours do not meet
FLOOR = Shape.of("block", x=20.0, y=20.0, z=0.2)
LAMPS = 3
FRAMES = 24


@dataclass(frozen=True)
class Race:
    """A scene as simgen takes one."""

    size: tuple[int, int] = (320, 240)
    categories = PROPS

    def sample(self, rng: np.random.Generator) -> SceneSpec:
        """Returns one arrangement."""
        floor = Body("floor", FLOOR, (0.0, 0.0, -0.2), materials={"surface": _material(rng)})
        bodies = (floor, *_bodies(rng))
        lamps = tuple(_lamp(rng) for _ in range(LAMPS))
        sky = World(color=_triple(rng.uniform(0.4, 0.8, 3)), strength=float(rng.uniform(0.3, 0.8)))
        return SceneSpec(bodies, lamps, sky, self._camera(rng))

    def _camera(self, rng: np.random.Generator) -> Camera:
        turn = rng.uniform(0, 2 * np.pi)
        eye = _triple((3.2 * np.cos(turn), 3.2 * np.sin(turn), rng.uniform(1.6, 3.2)))
        return Camera(eye, look_at(eye, (0.0, 0.0, 0.5)), *self.size, focal_mm=30.0)


def _bodies(rng: np.random.Generator) -> Iterator[Body]:
    for i in range(COLUMNS * ROWS):
        prop = PROPS[i % len(PROPS)]
        mesh = mesh_of(Shape.of(prop))
        size = RADIUS / float(np.linalg.norm(mesh.vertices, axis=1).max())
        cell = (i % COLUMNS - (COLUMNS - 1) / 2, i // COLUMNS - (ROWS - 1) / 2)
        place = (cell[0] * CELL, cell[1] * CELL, rng.uniform(0.3, 1.0))
        turn = rng.standard_normal(4)
        finish = _material(rng)  # one for the whole object, as blenderproc's create() makes
        yield Body(
            prop,
            Shape.of(prop),
            _triple(place),
            tuple(float(q) for q in turn / np.linalg.norm(turn)),
            (size,) * 3,
            prop,
            dict.fromkeys(mesh.slots, finish),
        )


def _material(rng: np.random.Generator) -> Material:
    color = _triple(rng.uniform(0.05, 0.8, 3))
    return Material("plain", color, roughness=float(rng.uniform(0.15, 0.9)))


def _lamp(rng: np.random.Generator) -> Light:
    place = (*rng.uniform(-4, 4, 2), rng.uniform(3, 5))
    return Light("point", _triple(place), power=float(rng.uniform(100, 500)), size=(0.5, 0.5))


def _triple(values) -> tuple[float, float, float]:
    return tuple(float(value) for value in values)


def export(specs: list[SceneSpec], folder: Path) -> None:
    """Writes what the other tools need: meshes as PLY and which faces are smooth, and each frame
    as plain numbers in frames.json."""
    (folder / "meshes").mkdir(parents=True)
    for i, body in enumerate(specs[0].bodies):
        mesh = mesh_of(body.shape)
        (folder / f"meshes/{i}.ply").write_bytes(ply(mesh))
        np.savez(folder / f"meshes/{i}.npz", **_arrays(mesh))
    (folder / "frames.json").write_text(json.dumps([_plain(spec) for spec in specs]))


def _arrays(mesh: Mesh) -> dict[str, np.ndarray]:
    return {"vertices": mesh.vertices, "triangles": mesh.triangles, "smooth": mesh.smooth}


def _plain(spec: SceneSpec) -> dict:
    camera = spec.camera
    return {
        "bodies": [_plain_body(body) for body in spec.bodies],
        "lights": [
            {"place": light.position, "watts": light.power, "radius": light.size[0] / 2}
            for light in spec.lights
        ],
        "sky": {"color": spec.world.color, "strength": spec.world.strength},
        "size": (camera.width, camera.height),
        "focal_mm": camera.focal_mm,
        "world_from_camera": world_from_camera(camera).tolist(),
    }


def _plain_body(body: Body) -> dict:
    (material,) = set(body.materials.values())
    category = PROPS.index(body.category) + 1 if body.category else 0
    return {
        "name": body.name,
        "category_id": category,
        "pose": world_from_body(body).tolist(),
        "color": material.color,
        "roughness": material.roughness,
    }
