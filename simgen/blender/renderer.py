"""The renderers: a SceneSpec becomes linear light, depth and ids. Same spec, same pixels."""

from dataclasses import dataclass
from time import perf_counter

import bpy

from simgen.blender import devices, lens, passes
from simgen.blender.stage import Stage
from simgen.checks import require, require_type
from simgen.errors import SimgenError, one_of
from simgen.frame import Radiance
from simgen.spec import SceneSpec

EEVEE = "BLENDER_EEVEE_NEXT" if bpy.app.version < (5, 0, 0) else "BLENDER_EEVEE"

_STAGE = Stage()
DENOISERS = {"fast": ("FAST", "FAST"), "accurate": ("ACCURATE", "HIGH")}  # prefilter, quality
EEVEE_CLIP = (0.02, 1000.0)  # metres; its depth buffer has too few bits for what rays can span


@dataclass(frozen=True)
class Cycles:
    """Path tracing.

    Attributes:
        samples: the most light paths for each pixel.
        adaptive: noise at which a pixel stops early; 0 gives every pixel all samples.
        max_bounces: surfaces that light may touch before it reaches the camera.
        clamp: the most that one indirect path may add, which is what stops fireflies; 0 = no limit.
        denoise: Open Image Denoise.
        denoiser: its fast or its accurate form, which takes as long as 15 samples more do, for the
            quality of twice as many: it pays where there are more than 32.
        device: auto (OptiX, else CUDA, else CPU), cpu, cuda or optix.
        threads: of the CPU; 0 = all.
    """

    samples: int = 16
    adaptive: float = 0.05
    max_bounces: int = 4
    clamp: float = 4.0
    denoise: bool = True
    denoiser: str = "fast"
    device: str = "auto"
    threads: int = 0

    def __post_init__(self):
        require(1, whole=True, fixed=True, samples=self.samples)
        require(0, whole=True, fixed=True, max_bounces=self.max_bounces, threads=self.threads)
        require(0, fixed=True, adaptive=self.adaptive, clamp=self.clamp)
        require_type(bool, denoise=self.denoise)
        one_of("denoiser", self.denoiser, tuple(DENOISERS))
        devices.check(self.device)

    def render(self, spec: SceneSpec) -> Radiance:
        return _render(spec, self)

    def configure(self, scene) -> str:
        """Sets Blender's scene up, and returns the device that will render it."""
        scene.render.engine = "CYCLES"
        scene.render.threads_mode = "FIXED" if self.threads else "AUTO"
        scene.render.threads = self.threads or 1
        device = devices.use(scene, self.device)
        lens.require_shader(scene.camera.data, device)
        self._sample(scene.cycles)
        self._shorten(scene.cycles)
        self._denoise(scene.cycles, device)
        return device

    def _sample(self, cycles) -> None:
        cycles.seed, cycles.use_animated_seed = 0, False
        cycles.samples = self.samples
        cycles.use_adaptive_sampling = self.adaptive > 0
        cycles.adaptive_threshold = self.adaptive
        # With a hall's dozen lamps the tree takes a third more time, at 640x480, for half a dB, at
        # 320x240.
        cycles.use_light_tree = False

    def _shorten(self, cycles) -> None:
        cycles.max_bounces = self.max_bounces
        cycles.diffuse_bounces = cycles.glossy_bounces = self.max_bounces
        cycles.transmission_bounces = cycles.transparent_max_bounces = min(self.max_bounces, 2)
        cycles.caustics_reflective = cycles.caustics_refractive = False
        cycles.blur_glossy = 1.0
        cycles.sample_clamp_indirect = self.clamp

    def _denoise(self, cycles, device: str) -> None:
        cycles.use_denoising = self.denoise
        cycles.denoiser = "OPENIMAGEDENOISE"
        cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
        cycles.denoising_prefilter, cycles.denoising_quality = DENOISERS[self.denoiser]
        cycles.denoising_use_gpu = device != "CPU"


@dataclass(frozen=True)
class Eevee:
    """Rasterization; wants a GPU with OpenGL (without one it runs in software, slowly).

    It knows pinholes only, has no id pass, and its depth is of a random point of the pixel, not of
    its centre.
    """

    samples: int = 16

    def __post_init__(self):
        require(1, whole=True, fixed=True, samples=self.samples)

    def render(self, spec: SceneSpec) -> Radiance:
        return _render(spec, self)

    def configure(self, scene) -> str:
        """Sets Blender's scene up, and returns the device that will render it."""
        lens.require_shader(scene.camera.data, "EEVEE")
        scene.render.engine = EEVEE
        scene.eevee.taa_render_samples = self.samples
        scene.camera.data.clip_start, scene.camera.data.clip_end = EEVEE_CLIP
        return "EEVEE"


def _render(spec: SceneSpec, renderer: Cycles | Eevee) -> Radiance:
    started = perf_counter()
    with _STAGE.set(spec, renderer) as scene:
        device = renderer.configure(scene)
        passes.request(scene.view_layers[0])
        built = perf_counter()
        try:
            bpy.ops.render.render()
        except RuntimeError as error:
            raise SimgenError(f"Blender could not render: {str(error).strip()}") from error
        rendered = perf_counter()
        rgb, instance, depth = passes.read(scene)
        depth = lens.depth(spec.camera, depth)
    seconds = {"build": built - started, "render": rendered - built}
    seconds["read"] = perf_counter() - rendered
    return Radiance(rgb, instance, depth, device, seconds)
