"""Image files for shaders: found and read before a render, since a missing one renders magenta."""

from pathlib import Path

import bpy

from simgen.errors import SimgenError


def load(path: Path, field: str):
    """Returns Blender's image, its pixels read.

    Raises:
        SimgenError: the file is missing or no image; `field` says who asked for it.
    """
    try:
        image = bpy.data.images.load(str(path.resolve()), check_existing=True)
    except RuntimeError as error:
        raise SimgenError(f"{field}={str(path)!r} cannot be read: {error}") from error
    if not all(image.size):
        raise SimgenError(f"{field}={str(path)!r} is not an image that Blender can read")
    return image
