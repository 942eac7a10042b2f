"""A Mesh becomes Blender's."""

from collections.abc import Callable
from functools import cache

import bpy
import numpy as np

from simgen.blender import imported
from simgen.mesh import Mesh


def sharing() -> Callable:
    """Returns a function of a mesh and its materials that makes each of them once.

    Bodies of one mesh and the same materials share Blender's data, and so Cycles' as well; those of
    one mesh in other materials share the arrays in it.
    """
    bare = cache(_bare)

    @cache
    def data(mesh: Mesh, shaders: tuple):
        painted = bare(mesh).copy()
        for shader in shaders:
            painted.materials.append(shader)
        return painted

    return data


def _bare(mesh: Mesh):
    """Returns the mesh without materials.

    Arrays go into named attributes as a whole: through the properties of vertices, corners and
    faces the same values take ten times as long.
    """
    data = bpy.data.meshes.new("mesh")
    corners = mesh.triangles.size
    data.vertices.add(len(mesh.vertices))
    data.loops.add(corners)
    data.polygons.add(len(mesh.triangles))
    data.polygons.foreach_set("loop_start", np.arange(0, corners, 3, dtype=np.int32))
    data.attributes["position"].data.foreach_set("vector", mesh.vertices.ravel())
    data.attributes[".corner_vert"].data.foreach_set("value", mesh.triangles.ravel())
    _attribute(data, "material_index", "INT", "FACE", mesh.slot)
    _attribute(data, "sharp_face", "BOOLEAN", "FACE", ~mesh.smooth)
    _attribute(data, "part", "FLOAT", "FACE", mesh.part)
    _attribute(data, imported.UV, "FLOAT2", "CORNER", mesh.uv)
    if mesh.color is not None:
        _attribute(data, imported.COLOR, "FLOAT_COLOR", "CORNER", mesh.color)
    data.update(calc_edges=True)
    return data


def _attribute(data, name: str, kind: str, domain: str, values: np.ndarray) -> None:
    field = {"FLOAT2": "vector", "FLOAT_COLOR": "color"}.get(kind, "value")
    data.attributes.new(name, kind, domain).data.foreach_set(field, values.ravel())
