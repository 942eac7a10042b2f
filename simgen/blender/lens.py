"""A camera with a lens of its own: Cycles asks a shader for each ray, which lens.osl answers."""

import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

import _cycles
import numpy as np

from simgen.errors import SimgenError
from simgen.lens import cosines, distortion, focal_px
from simgen.spec import PINHOLE, Camera

SHADER = "lens.osl"


def fit(data, camera: Camera) -> None:
    """Fits the lens to Blender's camera, which is a pinhole until then."""
    if camera.lens == PINHOLE:
        return
    data.type, data.custom_mode = "CUSTOM", "INTERNAL"
    data.custom_bytecode, data.custom_bytecode_hash = _compiled(), SHADER
    bend, focal = distortion(camera.lens), focal_px(camera)
    k1, k2, k3, k4 = (*bend.radial, 0.0, 0.0, 0.0, 0.0)[:4]
    parameters = {
        "across": camera.width / focal,
        "down": camera.height / focal,
        **{"k1": k1, "k2": k2, "k3": k3, "k4": k4},
        **{"qx": bend.sideways.real, "qy": bend.sideways.imag},
        "limit": bend.limit,
        "fisheye": int(camera.lens.model == "fisheye"),
    }
    for name, value in parameters.items():
        data.cycles_custom[name] = value


def depth(camera: Camera, seen: np.ndarray) -> np.ndarray:
    """Returns (H, W) float32 depth along the optical axis of Cycles' own: behind a lens that is
    the distance along the ray."""
    if camera.lens == PINHOLE:
        return seen
    return np.where(np.isfinite(seen), seen * cosines(camera), np.inf).astype(np.float32)


def require_shader(data, device: str) -> None:
    """Raises SimgenError if the camera has a lens fitted and the device cannot run its shader."""
    if data.type == "CUSTOM" and not device.startswith(("CPU", "OPTIX")):
        raise SimgenError(
            f"{device} renders pinholes only: choose lens=pinhole, or renderer=cycles with "
            f"renderer.device=optix or cpu"
        )


@cache
def _compiled() -> str:
    """Returns the shader's bytecode."""
    if not _cycles.with_osl:
        raise SimgenError("this Blender lacks Open Shading Language, which lens= needs")
    with tempfile.TemporaryDirectory(prefix="simgen-") as folder:
        source, target = Path(folder, SHADER), Path(folder, "lens.oso")
        source.write_bytes((files("simgen.blender") / SHADER).read_bytes())
        if not _cycles.osl_compile(str(source), str(target)):
            raise SimgenError(f"Blender cannot compile {SHADER}: choose lens=pinhole")
        return target.read_text()
