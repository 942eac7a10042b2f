"""What Blender holds: a scene built for one render, and kept if only its camera moves for the next.

Several views of a scene, or a stereo pair, then need their meshes, materials and lights once, and
Cycles its acceleration structure. The pixels are those of a scene that was built anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import bpy

from simgen.blender import chatter
from simgen.blender.build import build, film
from simgen.spec import STILL, SceneSpec

_MARK = "simgen_stage"  # a property of the scene that is held: gone if anyone else resets Blender


class Stage:
    """Holds at most one scene."""

    def __init__(self):
        self._content: Any = None

    @contextmanager
    def set(self, spec: SceneSpec, renderer: Any) -> Iterator[Any]:
        """Gives Blender's scene of a spec, silently, for a renderer that goes on to use it alone.

        After an error nothing is held: what Blender complains of, it may complain of only once.
        """
        bodies = tuple(replace(body, motion=STILL) for body in spec.bodies)
        content = renderer, bodies, spec.lights, spec.world
        held, self._content = self._content, None
        with chatter.silenced():
            yield self._kept(spec) if content == held else self._built(spec)
        self._content = content

    def _kept(self, spec: SceneSpec):
        scene = bpy.context.scene
        if not (scene and scene.get(_MARK)):
            return self._built(spec)
        film(scene, spec.camera)
        return scene

    def _built(self, spec: SceneSpec):
        scene = build(spec)
        scene[_MARK] = scene.render.use_persistent_data = True
        return scene
