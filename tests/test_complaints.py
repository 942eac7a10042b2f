"""What the command line says to a mistake: one line that names the key, and a non-zero exit."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from simgen.build import build
from simgen.complaints import explain, is_hydras
from simgen.errors import SimgenError
from simgen.exposure import make_frame
from tests.composing import CONF, composed, recipe


def complaint(*arguments: str) -> str:
    """Returns what is said when this does not even compose."""
    with pytest.raises((HydraException, OmegaConfBaseException, ValueError)) as caught:
        composed(*arguments)
    assert is_hydras(caught.value)
    return explain(caught.value, arguments)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("scene=warehous", "scene=warehous is not known; did you mean 'warehouse'?"),
        ("quality=best", "quality=best is not known; did you mean 'budget'?"),
        ("randomize=[lightning]", "randomize=lightning is not known; did you mean 'lighting'?"),
        ("writer=[coc]", "writer=coc is not known; did you mean 'coco'?"),
        ("scene=null", "scene=null is no option; choose from: bin, conveyor, single, "),
        ("scene.rws=2", "scene.rws is not known; did you mean 'scene.rows'?"),
        ("rows=2", "rows is not known; did you mean 'scene.rows'?"),
        ("height_m=2", "height_m is not known; choose one of: randomize.camera.height_m, scene.h"),
        ("frame=2", "frame is not known; did you mean 'frames'?"),
        (
            "randomize.camra.height_m=2",
            "randomize.camra.height_m is not known; did you mean 'randomize.camera.height_m'?",
        ),
        ("render.samples=4", "render.samples is not known; did you mean 'renderer.samples'?"),
        ("sensor.blur=1", "sensor.blur is not known; did you mean 'sensor.blur_px'?"),
        ("sensor.x=1", "sensor.x is not known; choose one of: sensor.auto_exposure, "),
        ("foo", "cannot read 'foo': write key=value, lists as [a,b], values with other"),
        ("scene.rows=[integer,1", "cannot read 'scene.rows=[integer,1': write key=value"),
    ],
)
def test_what_does_not_compose(argument, said):
    text = complaint(argument)
    assert text.startswith(said) and "\n" not in text


def test_the_nearest_key_is_looked_for_in_the_config_that_was_meant():
    text = complaint("scene=single", "scene.flor_m=3")
    assert text == "scene.flor_m is not known; did you mean 'scene.floor_m'?"


def test_two_mistakes_are_told_one_at_a_time():
    assert complaint("scene.rws=2", "sede=3").startswith("scene.rws is not known")


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("scene.rows=-1", "^scene.rows=-1 must be at least 0$"),
        ("scene.rows=two", "^scene.rows=two must be a number$"),
        ("randomize.camera.height_m=[uniform,3,1]", "^randomize.camera.height_m=.*low is greater"),
        ("resolution=[0,480]", r"^resolution=\[0, 480\] must be"),
        ("randomize.lighting.hdri=/nope.exr", "^randomize.lighting.hdri=/nope.exr is neither"),
        ("+scene.rws=2", "^scene.rws is not known; did you mean 'rows'"),
        ("scene._target_=kitchen.Kitchen", "^scene._target_='kitchen.Kitchen' cannot be loaded: "),
    ],
)
def test_what_composes_and_cannot_be_built(argument, said):
    with pytest.raises(SimgenError, match=said):
        recipe(argument)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("scene.stacks=400", "400 stacks do not fit on .* lower scene.stacks or enlarge"),
        ("scene.stacks=60", "no free floor for something of .* lower scene.stacks or enlarge"),
        ("scene.forklifts=30", "lower scene.forklifts or enlarge the hall"),
        ("scene.height_m=4.5", "racks of .* m do not fit under lamps .* raise scene.height_m"),
        ("randomize.clutter.count=300", "lower randomize.clutter.count or enlarge the scene"),
        ("randomize.camera.height_m=30", r"bound randomize.camera \(distance_m, height_m"),
        ("randomize.camera.distance_m=50", r"bound randomize.camera \(distance_m, height_m"),
        ("accept.min_objects=500", "lower accept.min_objects or accept.min_object_share"),
        ("scene.occupancy=0", "fewer than 15 objects in view: lower accept.min_objects"),
    ],
)
def test_what_cannot_be_proposed_is_told_with_the_key_to_change(argument, said):
    also = {
        "scene.height_m=4.5": ("scene.levels=3", "scene.level_m=1.8"),
        "scene.occupancy=0": (
            *("scene.stacks=1", "scene.forklifts=0", "scene.pallet_trucks=0", "scene.empty=1"),
            *("accept.min_objects=15", "randomize=[]"),
        ),
    }
    made = recipe(argument, *also.get(argument, ()), "accept.max_attempts=4")
    with pytest.raises(SimgenError, match=f"^frame 0: none of 4 proposals will do, .*{said}"):
        make_frame(made, 0)


def test_a_camera_inside_a_wall_is_told():
    made = recipe("scene=single", "randomize=[]", "scene.prop=wall")
    spec = made.scene.sample(np.random.default_rng(0))
    inside = replace(spec, camera=replace(spec.camera, position=(0.0, 0.0, 0.6)))
    with pytest.raises(SimgenError, match="^the camera is inside 'wall': bound randomize.camera"):
        made.accept(inside)


def test_an_error_of_ours_is_not_taken_for_hydras():
    try:
        int("x")
    except ValueError as error:
        assert not is_hydras(error)


# the same through the shell: each costs a second, so only one of each kind


def simgen(*arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "simgen", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("scene=warehous", "simgen: scene=warehous is not known; did you mean 'warehouse'?\n"),
        ("scene.rws=2", "simgen: scene.rws is not known; did you mean 'scene.rows'?\n"),
        (
            "quality=null",
            "simgen: quality=null is no option; choose from: budget, high, preview, standard\n",
        ),
        ("seed=-1", "simgen: seed=-1 must be a whole number of at least 0\n"),
        ("scene.rows=-1", "simgen: scene.rows=-1 must be at least 0\n"),
    ],
)
def test_one_line_and_a_non_zero_exit(argument, said, tmp_path):
    run = simgen(argument, "out=data", cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (1, "", said)
    assert not list(tmp_path.iterdir())


def test_help_fits_two_screens(tmp_path):
    run = simgen("--help", cwd=tmp_path)
    lines = run.stdout.splitlines()
    assert run.returncode == 0 and 20 < len(lines) <= 60 and max(map(len, lines)) <= 120
    for word in ("scene:", "randomize:", "frames", "[uniform,low,high]", "--cfg job"):
        assert word in run.stdout
    assert not list(tmp_path.iterdir())


def test_the_examples_of_the_help_can_be_built():
    help_text = (CONF / "hydra/help/simgen.yaml").read_text()
    examples = [
        line.split("simgen ", 1)[1] for line in help_text.splitlines() if "  python" in line
    ]
    assert len(examples) >= 5
    for example in examples:
        settings = example.split("  ")[0].split()
        recipe(*(s for s in settings if s != "objects=parts"))  # a folder of the user's


def test_a_library_that_the_system_lacks_leads_to_the_doctor(monkeypatch):
    def get_object(path):
        raise ImportError("libSM.so.6: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("simgen.build.get_object", get_object)
    with pytest.raises(SimgenError, match="libSM.so.6.*python -m simgen.doctor names the package"):
        build({"_target_": "simgen.blender.renderer.Cycles"}, "renderer")
