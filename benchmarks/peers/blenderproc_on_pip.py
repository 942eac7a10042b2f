"""blenderproc on the bpy that pip installed, instead of a Blender that it downloads.

Its own code runs but for two steps that pip's bpy has no use for: installing packages into
Blender's folder (they are in this environment), and choosing a language (this bpy has but one).
"""

import importlib
import os
import sys
from pathlib import Path
from types import SimpleNamespace

INSIDE = "INSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT"
OUTSIDE = "OUTSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT_BUT_IN_RUN_SCRIPT"


class _Instead:
    """Is another object, but for some of its attributes."""

    def __init__(self, other, **attributes):
        self.__dict__.update(attributes, _other=other)

    def __getattr__(self, name):
        return getattr(self._other, name)


def start(scratch: Path):
    """Returns the package, imported as if Blender had started it; it keeps passes in `scratch`."""
    os.environ[OUTSIDE] = "1"
    blenderproc = importlib.import_module("blenderproc")
    setup = importlib.import_module("blenderproc.python.utility.SetupUtility").SetupUtility
    packages = str(Path(blenderproc.__file__).parents[1])
    setup.setup_pip = staticmethod(lambda *args, **kwargs: packages)
    script, *arguments = sys.argv
    sys.argv = ["blender", "--background", "--", script, str(scratch), *arguments]
    os.environ[INSIDE] = "1"
    importlib.reload(blenderproc)
    _speak_english(importlib.import_module("blenderproc.python.utility.Initializer"))
    return blenderproc


def _speak_english(module) -> None:
    bpy = module.bpy
    view = SimpleNamespace(language="en_US")
    preferences = _Instead(bpy.context.preferences, view=view)
    module.bpy = _Instead(bpy, context=_Instead(bpy.context, preferences=preferences))
