"""The bare Cycles loop: the race's scene in bpy alone, nothing labelled, read back or written.

    python race_bare.py FOLDER fast|accurate PIPE

Meshes are made once; poses, materials, lights and camera are set for each frame, then it is
rendered. It runs in any environment that has bpy: simgen's, and blenderproc's.
"""

import json
import sys
from pathlib import Path

import bpy
import numpy as np
import race_cycles
from in_turn import serve
from mathutils import Matrix

TO_BLENDER = Matrix.Diagonal((1, -1, -1, 1))


class Work:
    """What is asked of a racer."""

    def __init__(self, folder: Path, style: str):
        self._frames = json.loads((folder / "frames.json").read_text())
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        scene.render.engine = "CYCLES"
        first = self._frames[0]
        self._bodies = [_body(folder, i) for i in range(len(first["bodies"]))]
        self._lamps = [_linked(bpy.data.lights.new("lamp", "POINT")) for _ in first["lights"]]
        scene.camera = _linked(bpy.data.cameras.new("camera"))
        scene.camera.data.lens, scene.camera.data.sensor_width = first["focal_mm"], 36
        scene.render.resolution_x, scene.render.resolution_y = first["size"]
        scene.world = bpy.data.worlds.new("world")
        scene.world.use_nodes = True
        getattr(race_cycles, style)()

    def __call__(self, frame: int, samples: int) -> None:
        """Renders a frame."""
        self._arrange(self._frames[frame])
        bpy.context.scene.cycles.samples = samples
        bpy.ops.render.render()

    def _arrange(self, frame: dict) -> None:
        for item, body in zip(self._bodies, frame["bodies"]):
            item.matrix_world = Matrix(body["pose"])
            _set(item.data.materials[0], "Principled BSDF", "Base Color", (*body["color"], 1))
            _set(item.data.materials[0], "Principled BSDF", "Roughness", body["roughness"])
        for lamp, light in zip(self._lamps, frame["lights"]):
            lamp.location = light["place"]
            lamp.data.energy, lamp.data.shadow_soft_size = light["watts"], light["radius"]
        scene, sky = bpy.context.scene, frame["sky"]
        _set(scene.world, "Background", "Color", (*sky["color"], 1))
        _set(scene.world, "Background", "Strength", sky["strength"])
        scene.camera.matrix_world = Matrix(frame["world_from_camera"]) @ TO_BLENDER


def _set(owner, node: str, name: str, value) -> None:
    owner.node_tree.nodes[node].inputs[name].default_value = value


def _body(folder: Path, i: int):
    arrays = np.load(folder / f"meshes/{i}.npz")
    mesh = bpy.data.meshes.new("mesh")
    mesh.from_pydata(arrays["vertices"].tolist(), [], arrays["triangles"].tolist())
    mesh.polygons.foreach_set("use_smooth", arrays["smooth"])
    material = bpy.data.materials.new("material")
    material.use_nodes = True
    mesh.materials.append(material)
    return _linked(mesh)


def _linked(data):
    item = bpy.data.objects.new(data.name, data)
    bpy.context.scene.collection.objects.link(item)
    return item


if __name__ == "__main__":
    place, settings, pipe = sys.argv[1:]
    serve(Work(Path(place), settings), int(pipe))
