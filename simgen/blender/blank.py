"""An empty scene for each frame: nothing of an earlier one is left in it, nor in memory."""

from functools import cache

import bpy

# Blender's own furniture, which it does not do without and which no frame touches.
_STAY = (bpy.types.WindowManager, bpy.types.WorkSpace, bpy.types.Screen)


def blank_scene():
    """Returns a new scene, the only one, with Blender's own settings.

    All data of earlier frames is removed. A factory reset does that ten times as slowly, since it
    starts all add-ons anew; so it is done once, against what came before the first frame.
    """
    _reset_once()
    scene = bpy.data.scenes.new("frame")
    bpy.context.window.scene = scene
    bpy.data.batch_remove(
        [item for item in bpy.data.user_map() if item != scene and not isinstance(item, _STAY)]
    )
    return scene


@cache
def _reset_once() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
