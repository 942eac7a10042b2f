"""What surrounds the scene: one colour, or an HDRI from a file or from those inside bpy."""

from pathlib import Path

import bpy
import numpy as np

from simgen.blender import images
from simgen.blender.nodes import Graph
from simgen.blender.trees import grow
from simgen.errors import SimgenError, did_you_mean
from simgen.spec import World

# Wide enough for a sun; Blender's own choice, the image's width, costs seconds in every frame.
SAMPLING_MAP = 512


def hdri_names() -> tuple[str, ...]:
    """Returns the names of the HDRIs that ship inside bpy."""
    return tuple(sorted(path.stem for path in _shipped().glob("*.exr")))


def build(world: World):
    graph = Graph()
    color = _environment(graph, world) if world.hdri else world.color
    light = graph("Background", Color=color, Strength=world.strength)
    graph("OutputWorld", Surface=light)
    data = grow(graph, _new)
    data.cycles.sampling_method, data.cycles.sample_map_resolution = "MANUAL", SAMPLING_MAP
    return data


def _new():
    return bpy.data.worlds.new("world")


def _environment(graph: Graph, world: World):
    view = graph("TexCoord", output="Generated")
    turned = graph(
        "VectorRotate", rotation_type="Z_AXIS", Vector=view, Angle=np.radians(-world.rotation_deg)
    )
    return graph(
        "TexEnvironment", image=images.load(_file(world.hdri), "World.hdri"), Vector=turned
    )


def _file(hdri: str) -> Path:
    shipped = _shipped() / f"{hdri}.exr"
    path = shipped if shipped.is_file() else Path(hdri).expanduser()
    if not path.is_file():
        raise SimgenError(
            f"World.hdri={hdri!r} is neither a file nor an HDRI inside bpy;"
            f" {did_you_mean(hdri, hdri_names())}"
        )
    return path


def _shipped() -> Path:
    return Path(bpy.utils.system_resource("DATAFILES", path="studiolights/world"))
