"""Only simgen/blender may need bpy, only simgen/evaluate torch: checked where neither can load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("bpy", "mathutils", "torch")
OWNERS = {"bpy": "simgen/blender", "mathutils": "simgen/blender", "torch": "simgen/evaluate"}
SOURCES = sorted(
    p for f in ("simgen", "scenes", "conf", "assets") for p in (ROOT / f).rglob("*.py")
)
MODULES = sorted(
    f"{'' if path.parts[len(ROOT.parts)] == 'simgen' else 'simgen.'}"
    + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCES
    if not path.relative_to(ROOT).is_relative_to("simgen/blender")
    and not path.relative_to(ROOT).is_relative_to("simgen/evaluate")
    and path.name not in ("__main__.py", "make_labels.py")
)

BLOCKED = f"""
import sys
for name in {HEAVY}:
    sys.modules[name] = None  # import raises ModuleNotFoundError
"""


def python(code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED + code], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_module_outside_blender_and_evaluate_loads_without_bpy_and_torch():
    assert {"simgen", "simgen.recipe", "simgen.scenes.warehouse", "simgen.conf"} <= set(MODULES)
    python(f"import importlib\nfor name in {MODULES}: importlib.import_module(name)")


def test_import_simgen_loads_next_to_nothing():
    loaded = set(python("import simgen\nprint(*sys.modules)").split())
    assert not {"numpy", "hydra", "cv2", "scipy", "simgen.spec"} & loaded


def test_scenes_sample_frames_are_judged_and_sensed_without_bpy():
    out = python(
        "from tests.composing import options, recipe\n"
        "from simgen.exposure import make_frame\n"
        "for scene in options('scene'):\n"
        "    made = recipe(f'scene={scene}', 'resolution=[64,48]')\n"
        "    print(make_frame(made, 0).image.shape)\n"
    )
    assert out.splitlines() and set(out.splitlines()) == {"(48, 64, 3)"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_modules_are_imported_by_their_owners_alone(path):
    """Also where an import hides in a function, or behind a condition."""
    here = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        owner = OWNERS.get(name.partition(".")[0])
        assert owner is None or here.startswith(owner), f"{here} imports {name}"
        if not here.startswith("simgen/blender"):
            assert not name.startswith("simgen.blender"), f"{here} imports {name}"


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_randomness_comes_from_named_streams_alone(path):
    """numpy's global generator and unseeded ones would make a frame depend on its neighbours."""
    assert "random" not in imported(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("np.random."):
            allowed = ("np.random.Generator", "np.random.default_rng")
            assert ast.unparse(node).startswith(allowed), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("default_rng"):
            assert node.args, f"line {node.lineno}: default_rng without a seed"


def test_scenes_are_imported_by_their_installed_name():
    """`import scenes.x` would make a second class of the same name."""
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]:
        tops = {name.partition(".")[0] for name in imported(path)}
        assert not {"scenes", "conf", "assets"} & tops, path
