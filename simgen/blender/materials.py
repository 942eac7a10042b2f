"""Materials as shader nodes: a finish paints a Look for each of spec.MATERIAL_KINDS."""

import bpy

from simgen.blender import (
    finish_image,
    finish_made,
    finish_natural,
    finish_pattern,
    finish_woven,
    imported,
)
from simgen.blender.look import Canvas, Look
from simgen.blender.nodes import Graph, Wire
from simgen.blender.trees import grow
from simgen.spec import Material

FINISHES = {
    "plain": finish_pattern.plain,
    "wood": finish_natural.wood,
    "cardboard": finish_natural.cardboard,
    "concrete": finish_natural.concrete,
    "stone": finish_natural.stone,
    "cloth": finish_woven.cloth,
    "carpet": finish_woven.carpet,
    "plastic": finish_made.plastic,
    "paint": finish_made.paint,
    "metal": finish_made.metal,
    "rubber": finish_made.rubber,
    "checker": finish_pattern.checker,
    "stripes": finish_pattern.stripes,
    "dots": finish_pattern.dots,
    "noise": finish_pattern.noise,
    "image": finish_image.image,
    "texture": finish_image.texture,
}


def build(material: Material):
    """Returns Blender's material."""
    if material.kind == "imported":
        return imported.fetch(material.image)
    return grow(_written(material), _new)


def _new():
    return bpy.data.materials.new("material")


def _written(material: Material) -> Graph:
    graph = Graph()
    if material.kind == "emitter":
        surface = graph("Emission", Color=material.color, Strength=material.emission)
    else:
        surface = _surface(graph, material)
    graph("OutputMaterial", Surface=surface)
    return graph


def _surface(graph: Graph, material: Material) -> Wire:
    look = FINISHES[material.kind](Canvas(graph, material))
    full = _principled(graph, look)
    if look.average is None:
        return full
    after_diffuse = graph("LightPath", output="Is Diffuse Ray")
    plain = graph("BsdfDiffuse", Color=look.average)
    return graph.either(after_diffuse, full, plain)


def _principled(graph: Graph, look: Look) -> Wire:
    inputs = {"Base_Color": look.color, "Roughness": look.roughness, "Metallic": look.metallic}
    inputs["Specular_IOR_Level"] = look.specular
    if look.height is not None:
        inputs["Normal"] = graph("Bump", Height=look.height, Distance=look.relief_m)
    elif look.normal is not None:
        inputs["Normal"] = look.normal
    return graph("BsdfPrincipled", **inputs)
