import pytest

from simgen.generate import generate
from tests.audit.forgery import findings
from tests.composing import options, painted

LENSES = [name for name in options("lens") if name != "pinhole"]


@pytest.mark.parametrize("scene", options("scene"))
def test_no_scene_gives_the_audit_cause_for_complaint(scene, tmp_path):
    out = tmp_path / "made"
    generate(painted(f"out={out}", f"scene={scene}", "resolution=[96,72]", "frames=2"))
    assert findings(out) == {}


@pytest.mark.parametrize("lens", LENSES)
def test_no_lens_does(lens, tmp_path):
    out = tmp_path / "made"
    layers = "images,depth,instance,coco,distance,normals,nocs,flow,pointcloud"
    run = (f"out={out}", f"lens={lens}", "resolution=[96,72]", "frames=2")
    generate(painted(*run, f"writer=[{layers}]", "randomize=[lighting,camera,motion]"))
    assert findings(out) == {}


@pytest.mark.parametrize("writer", ["writer.depth.format=png", "writer.depth.precision=half",
                                    "writer.images.format=png"])  # fmt: skip
def test_no_choice_of_format_does(writer, tmp_path):
    out = tmp_path / "made"
    run = (f"out={out}", "resolution=[96,72]", "frames=2", writer)
    generate(painted(*run, "writer=[images,depth,instance,semantic,coco,pointcloud]"))
    assert findings(out) == {}
