"""What the racers set in Cycles itself, through bpy, in whichever environment."""

import bpy


def fast() -> None:
    """Sets simgen's: its light paths and noise threshold, and the fast form of the denoiser."""
    cycles = bpy.context.scene.cycles
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.05
    cycles.max_bounces = cycles.diffuse_bounces = cycles.glossy_bounces = 4
    cycles.transmission_bounces = cycles.transparent_max_bounces = 2
    cycles.ao_bounces_render = 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.blur_glossy, cycles.sample_clamp_indirect = 1.0, 4.0
    cycles.use_light_tree = cycles.debug_use_spatial_splits = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = cycles.denoising_quality = "FAST"
    bpy.context.view_layer.cycles.use_denoising = True


def accurate() -> None:
    """Sets blenderproc's defaults: three bounces, no glossy ones, and the accurate denoiser in the
    compositor, given albedo and normals."""
    scene = bpy.context.scene
    cycles = scene.cycles
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.01
    cycles.max_bounces = cycles.diffuse_bounces = 3
    cycles.glossy_bounces = cycles.transmission_bounces = cycles.volume_bounces = 0
    cycles.transparent_max_bounces, cycles.ao_bounces_render = 8, 3
    cycles.use_light_tree, cycles.debug_use_spatial_splits = False, True
    cycles.use_denoising = False
    layer = scene.view_layers[0]
    layer.use_pass_normal = layer.use_pass_diffuse_color = True
    _denoise_in_compositor(scene)


def _denoise_in_compositor(scene) -> None:
    scene.use_nodes, scene.render.use_compositing = True, True
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()
    source = nodes.new("CompositorNodeRLayers")
    denoiser, target = nodes.new("CompositorNodeDenoise"), nodes.new("CompositorNodeComposite")
    for name, socket in (("Image", "Image"), ("DiffCol", "Albedo"), ("Normal", "Normal")):
        links.new(source.outputs[name], denoiser.inputs[socket])
    links.new(denoiser.outputs["Image"], target.inputs["Image"])
