"""A SceneSpec becomes Blender's data: meshes, lights, camera; the world is in world.py."""

from functools import cache

import bpy
import numpy as np

from simgen import geometry, props
from simgen.blender import imported, lens, materials, world
from simgen.errors import SimgenError
from simgen.mesh import Mesh
from simgen.spec import Body, Camera, Light, SceneSpec

CLIP = (1e-3, 1e5)  # metres; what the camera sees is what a ray from its centre hits
MOST_BODIES = 32767  # Blender's largest pass index
SPOT_BLEND = 0.3


def build(spec: SceneSpec):
    """Returns Blender's scene, emptied and made anew from the spec.

    Everything is rebuilt for every frame: nothing leaks from one frame into the next, neither
    into its pixels nor into memory.
    """
    if len(spec.bodies) > MOST_BODIES:
        raise SimgenError(f"a scene holds at most {MOST_BODIES} bodies, not {len(spec.bodies)}")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    shader = cache(materials.build)
    data = cache(_mesh)
    for index, body in enumerate(spec.bodies, start=1):
        finish = tuple(props.materials_of(body).values())
        shaders = tuple(shader(material) for material in finish)
        _link(scene, _object(body, index, data(props.mesh_of(body.shape), shaders)))
    for light in spec.lights:
        _link(scene, _light(light))
    scene.world = world.build(spec.world)
    scene.camera = _link(scene, _camera(spec.camera))
    _frame(scene, spec.camera)
    return scene


def _link(scene, item):
    scene.collection.objects.link(item)
    return item


def _mesh(mesh: Mesh, shaders: tuple):
    data = bpy.data.meshes.new("mesh")
    data.vertices.add(len(mesh.vertices))
    data.vertices.foreach_set("co", mesh.vertices.ravel())
    corners = mesh.triangles.size
    data.loops.add(corners)
    data.loops.foreach_set("vertex_index", mesh.triangles.ravel())
    data.polygons.add(len(mesh.triangles))
    data.polygons.foreach_set("loop_start", np.arange(0, corners, 3, dtype=np.int32))
    data.polygons.foreach_set("material_index", mesh.slot)
    data.polygons.foreach_set("use_smooth", mesh.smooth)
    data.uv_layers.new(name=imported.UV).data.foreach_set("uv", mesh.uv.ravel())
    if mesh.color is not None:
        colors = data.color_attributes.new(imported.COLOR, "FLOAT_COLOR", "CORNER")
        colors.data.foreach_set("color", mesh.color.ravel())
    data.attributes.new("part", "FLOAT", "FACE").data.foreach_set("value", mesh.part)
    data.update(calc_edges=True)
    for shader in shaders:
        data.materials.append(shader)
    return data


def _object(body: Body, index: int, data):
    item = bpy.data.objects.new(body.name, data)
    _place(item, body.position, body.rotation)
    item.scale = body.scale
    item.pass_index = index
    if not body.blocks_light:
        item.visible_shadow = item.visible_diffuse = False
    return item


def _place(item, position, rotation) -> None:
    item.rotation_mode = "QUATERNION"
    item.location, item.rotation_quaternion = position, rotation


def _light(light: Light):  # Blender makes lamps that no camera sees
    data = bpy.data.lights.new(light.kind, light.kind.upper())
    data.energy, data.color = light.power, light.color
    if light.kind == "area":
        data.shape, (data.size, data.size_y) = "RECTANGLE", light.size
    elif light.kind == "sun":
        data.angle = np.radians(light.size[0])
    else:
        data.shadow_soft_size = light.size[0] / 2
    if light.kind == "spot":
        data.spot_size, data.spot_blend = np.radians(light.cone_deg), SPOT_BLEND
        # Blender's figure is the flux of a bulb that shines all around, of which it cuts a cone.
        data.energy *= 2 / (1 - np.cos(data.spot_size / 2))
    item = bpy.data.objects.new(light.kind, data)
    _place(item, light.position, light.rotation)
    return item


def _camera(camera: Camera):
    data = bpy.data.cameras.new("camera")
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width, data.lens = camera.sensor_mm, camera.focal_mm
    data.clip_start, data.clip_end = CLIP
    lens.fit(data, camera)
    item = bpy.data.objects.new("camera", data)
    half_turn_about_x = (0.0, 1.0, 0.0, 0.0)  # from y down, z forward to Blender's y up, -z forward
    _place(item, camera.position, geometry.multiply(camera.rotation, half_turn_about_x))
    return item


def _frame(scene, camera: Camera) -> None:
    render = scene.render
    render.resolution_x, render.resolution_y = camera.width, camera.height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_compositing = render.use_sequencer = False
