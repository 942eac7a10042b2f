"""A SceneSpec becomes Blender's data; meshes.py, materials.py and world.py have their parts."""

from functools import cache

import bpy
import numpy as np

from simgen import geometry, props
from simgen.blender import lens, materials, meshes, world
from simgen.blender.blank import blank_scene
from simgen.errors import SimgenError
from simgen.spec import Body, Camera, Light, SceneSpec

CLIP = (1e-3, 1e5)  # metres; what the camera sees is what a ray from its centre hits
MOST_BODIES = 32767  # Blender's largest pass index
SPOT_BLEND = 0.3


def build(spec: SceneSpec):
    """Returns Blender's scene, emptied and made anew from the spec.

    Everything is rebuilt for every scene, from nothing or from untouched models (see trees.py):
    nothing leaks from one into the next, neither into its pixels nor into memory.
    """
    if len(spec.bodies) > MOST_BODIES:
        raise SimgenError(f"a scene holds at most {MOST_BODIES} bodies, not {len(spec.bodies)}")
    scene = blank_scene()
    shader = cache(materials.build)
    data = meshes.sharing()
    for index, body in enumerate(spec.bodies, start=1):
        finish = tuple(props.materials_of(body).values())
        shaders = tuple(shader(material) for material in finish)
        _link(scene, _object(body, index, data(props.mesh_of(body.shape), shaders)))
    for light in spec.lights:
        _link(scene, _light(light))
    scene.world = world.build(spec.world)
    film(scene, spec.camera)
    return scene


def film(scene, camera: Camera) -> None:
    """Puts a camera into the scene, in the place of the one that it has."""
    if scene.camera:
        bpy.data.cameras.remove(scene.camera.data)  # and with it the object
    scene.camera = _link(scene, _camera(camera))
    _frame(scene, camera)


def _link(scene, item):
    scene.collection.objects.link(item)
    return item


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
