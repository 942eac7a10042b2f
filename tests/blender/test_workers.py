import subprocess
import sys
from pathlib import Path

import pytest

from simgen.generate import generate
from simgen.machine import cores
from tests.composing import composed
from tests.folders import contents

pytestmark = pytest.mark.blender


def test_workers_with_blender_make_the_same_bytes_as_this_process(tmp_path):
    """This process has bpy loaded when the workers start, which must not keep them from it."""
    tiny = ("scene=single", "resolution=[64,48]", "renderer.samples=2")
    for workers in (0, 2):
        run = {"frames": 2, "workers": workers, "out": str(tmp_path / str(workers))}
        summary = generate(composed(*tiny) | run)
        assert (summary.frames_made, summary.devices) == (2, ("CPU",))
    assert contents(tmp_path / "0") == contents(tmp_path / "2")


_THREADS = """
import os, sys
from simgen.machine import as_if_cores
with as_if_cores(int(sys.argv[1])):
    import bpy
bpy.context.scene.render.resolution_x = bpy.context.scene.render.resolution_y = 16
bpy.context.scene.render.engine = "CYCLES"
bpy.context.scene.cycles.samples = 1
bpy.ops.render.render()
print("threads", len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(cores() < 2 or not Path("/proc/self/task").exists(), reason="one core")
def test_blender_keeps_no_threads_that_its_worker_has_no_core_for():
    """They would not sleep: TBB's worker asks for tasks for as long as Cycles may not have it."""

    def threads(count):
        command = [sys.executable, "-c", _THREADS, str(count)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return int(told.split("threads ")[-1])

    assert threads(1) < threads(0)
