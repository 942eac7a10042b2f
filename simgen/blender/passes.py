"""The finished render as arrays: linear light, depth and object ids from one multilayer EXR."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np
import OpenEXR

BEYOND = 1e9  # metres; Blender writes 1e10 where a ray left the scene


def request(view_layer) -> None:
    """Asks the next render for the passes that `read` returns."""
    view_layer.use_pass_combined = True
    view_layer.use_pass_z = True
    view_layer.use_pass_object_index = True


def read(scene) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Returns rgb, instance and depth of the last render, as `Radiance` describes them."""
    output = scene.render.image_settings
    if bpy.app.version >= (5, 0, 0):
        output.media_type = "MULTI_LAYER_IMAGE"
    output.file_format = "OPEN_EXR_MULTILAYER"
    output.color_depth = "32"
    output.exr_codec = "NONE"
    with _scratch_file() as path:
        bpy.data.images["Render Result"].save_render(path, scene=scene)
        parts = OpenEXR.File(path, separate_channels=True).parts  # one in 4.5, one a pass in 5.x
        planes = {name: c.pixels for part in parts for name, c in part.channels.items()}
    return _split(planes)


def _split(planes: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    by_pass = {name.split(".", 1)[-1]: plane for name, plane in planes.items()}
    rgb = np.stack([by_pass[f"Combined.{c}"] for c in "RGB"], axis=-1)
    depth = by_pass["Depth.Z"].copy()
    depth[depth >= BEYOND] = np.inf
    ids = by_pass.get("IndexOB.X", by_pass.get("Object Index.X"))  # 4.5's name, 5.x's
    return rgb, None if ids is None else np.rint(ids).astype(np.uint16), depth


@contextmanager
def _scratch_file() -> Iterator[str]:
    """Yields a path in memory that is gone with the process, however it ends."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("simgen")
        try:
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryDirectory(prefix="simgen-") as folder:
            yield str(Path(folder) / "render.exr")
