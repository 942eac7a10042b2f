"""The picture a lens makes in Cycles is of the very rays that the labels are cast along."""

from dataclasses import replace

import numpy as np
import pytest

from simgen.blender import lens as fitted
from simgen.blender.build import build
from simgen.blender.renderer import Cycles, Eevee
from simgen.errors import SimgenError
from simgen.lens import pixels, rays
from simgen.props import mesh_of
from simgen.spec import Body, Camera, Lens, Material, SceneSpec, Shape, World
from simgen.truth.crosscheck import crosscheck, require_agreement
from simgen.truth.raycast import raycast
from tests.blender.test_agreement import crowded

pytestmark = pytest.mark.blender

LENSES = {
    "barrel": (Lens("brown_conrady", (-0.28, 0.07, 0.002, -0.003, 0.01)), 22.0),
    "folded over in the corners": (Lens("brown_conrady", (-0.3,)), 20.0),
    "pincushion": (Lens("brown_conrady", (0.2, 0.05)), 22.0),
    "fisheye": (Lens("fisheye", (0.05, -0.01, 0.003, -0.0007)), 10.0),
    "fisheye that looks behind": (Lens("fisheye"), 7.0),
}
QUICK = Cycles(samples=1, denoise=False, device="cpu")


@pytest.mark.parametrize("lens, focal_mm", LENSES.values(), ids=LENSES.keys())
def test_engines_agree_through_a_lens(lens, focal_mm):
    spec = crowded(1)
    spec = replace(spec, camera=replace(spec.camera, lens=lens, focal_mm=focal_mm))
    truth, radiance = raycast(spec), QUICK.render(spec)
    agreement = crosscheck(truth, radiance)
    require_agreement(agreement, 0.999)
    assert agreement.depth_median < 1e-4
    blind = np.isnan(rays(spec.camera)[..., 0])
    assert not radiance.instance[blind].any() and np.isinf(radiance.depth[blind]).all()
    assert not radiance.rgb[blind].any()


def test_a_lens_that_is_another_than_the_picture_s_is_noticed():
    spec = crowded(1)
    lens, focal_mm = LENSES["barrel"]
    bent = replace(spec, camera=replace(spec.camera, lens=lens, focal_mm=focal_mm))
    assert crosscheck(raycast(spec), QUICK.render(bent)).pixels < 0.95


def test_edges_are_smooth_where_the_lens_puts_them():
    """Sub-pixel: the share of light in a pixel that an edge crosses, over a glowing half-space."""
    lens = Lens("brown_conrady", (-0.25, 0.05))
    camera = Camera(width=32, height=24, focal_mm=20.0, lens=lens)
    block = Shape.of("block", x=8.0, y=8.0, z=0.1)
    glow = dict.fromkeys(mesh_of(block).slots, Material("emitter", emission=1.0))
    wall = Body("wall", block, (4.0, 0.0, 2.0), materials=glow)
    spec = SceneSpec((wall,), world=World(color=(0, 0, 0), strength=0.0), camera=camera)
    light = replace(QUICK, samples=512, adaptive=0.0).render(spec).rgb[..., 0]
    edge = pixels(camera, [(0.0, y, 2.0) for y in np.linspace(-1.5, 1.5, 7)])
    for u, v in edge:
        if 0 <= v < camera.height:
            assert light[int(v)].sum() / light.max() == pytest.approx(camera.width - u, abs=0.25)


def test_what_knows_pinholes_only_says_so():
    spec = SceneSpec((Body("b", Shape.of("block"), (0, 0, 3)),), camera=Camera(width=8, height=6))
    bent = replace(spec, camera=replace(spec.camera, lens=Lens("fisheye")))
    with pytest.raises(SimgenError, match="EEVEE renders pinholes only"):
        Eevee(samples=1).render(bent)
    camera = build(bent).camera.data
    with pytest.raises(SimgenError, match="CUDA H100 renders pinholes only.*optix or cpu"):
        fitted.require_shader(camera, "CUDA H100")
    fitted.require_shader(camera, "OPTIX H100")
    fitted.require_shader(build(spec).camera.data, "CUDA H100")
