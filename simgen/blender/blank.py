"""An empty scene for each frame: nothing of an earlier one is left in it, nor in memory."""

from collections.abc import Callable, Hashable
from itertools import count

import bpy

# Blender's own furniture, which it does not do without and which no frame touches.
_STAY = (bpy.types.WindowManager, bpy.types.WorkSpace, bpy.types.Screen)
_LASTS = 100  # scenes, until Blender's furniture is renewed
_made = count()
_kept: dict[Hashable, tuple] = {}


def blank_scene():
    """Returns a new scene, the only one, with Blender's own settings.

    All data of earlier frames is removed, except what is `lasting`. A factory reset does that ten
    times as slowly, since it starts all add-ons anew; so it is done once, against what came before
    the first frame.
    """
    _renew(next(_made))
    scene = bpy.data.scenes.new("frame")
    bpy.context.window.scene = scene
    if not all(_is_there(data) for data, *_ in _kept.values()):  # Blender was reset
        _kept.clear()
    stay = {scene, *(data for data, *_ in _kept.values())}
    bpy.data.batch_remove(
        [item for item in bpy.data.user_map() if item not in stay and not isinstance(item, _STAY)]
    )
    return scene


def lasting(name: Hashable, make: Callable[[], tuple]) -> tuple:
    """Returns what was made under this name, or makes it: Blender's data, and what is known of it.

    It outlives its scene, until the furniture is renewed; no scene shows it or changes it.
    """
    if name not in _kept:
        _kept[name] = make()
    return _kept[name]


def _is_there(data) -> bool:
    try:
        return bool(data.name)
    except ReferenceError:
        return False


def _renew(scenes: int) -> None:
    """Renews the furniture where so many scenes have come and gone.

    Blender queues each change for its windows to be told of, and without any nobody empties the
    queue. What it holds of a material's nodes outlives them, and every removal looks through all of
    it: in 1,500 frames building took a third longer.
    """
    if not scenes:
        bpy.ops.wm.read_factory_settings(use_empty=True)
    elif scenes % _LASTS == 0:
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)  # 6 ms
