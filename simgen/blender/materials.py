"""Materials as shader nodes, one builder for each of spec.MATERIAL_KINDS."""

import bpy

from simgen.blender.nodes import Graph
from simgen.spec import Material


def build(material: Material):
    """Returns Blender's material."""
    data = bpy.data.materials.new(material.kind)
    graph = Graph.of(data)
    surface = graph(
        "BsdfPrincipled", Base_Color=(*material.color, 1.0), Roughness=material.roughness
    )
    if material.kind == "emitter":
        surface = graph("Emission", Color=(*material.color, 1.0), Strength=material.emission)
    graph("OutputMaterial", Surface=surface)
    return data
