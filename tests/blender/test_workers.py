import pytest

from simgen.generate import generate
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
