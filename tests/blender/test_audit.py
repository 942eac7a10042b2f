import pytest

from simgen.generate import generate
from tests.audit.forgery import findings
from tests.composing import composed

pytestmark = pytest.mark.blender


def test_nothing_is_found_in_frames_that_blender_rendered(tmp_path):
    """Pictures too: their edges lie where the masks end."""
    out = tmp_path / "made"
    layers = "images,depth,instance,semantic,coco,normals,nocs,panoptic"
    run = (f"out={out}", "frames=2", "resolution=[160,120]", "renderer.samples=4")
    generate(composed(*run, f"writer=[{layers}]"))
    assert findings(out) == {}
