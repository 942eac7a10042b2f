"""What a stranger gets who installs the wheel and runs it somewhere else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = {  # folder of the checkout: folder in the wheel
    "simgen": "simgen",
    "scenes": "simgen/scenes",
    "conf": "simgen/conf",
    "assets": "simgen/assets",
}
KINDS = (".py", ".yaml", ".png", ".typed", ".css", ".js")

pytestmark = pytest.mark.slow


def tracked(folder: str) -> list[Path]:
    names = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [Path(name).relative_to(folder) for name in names if name.endswith(KINDS)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Builds in a copy, so that no build folder is left in the checkout."""
    copy, dist = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for folder in SHIPPED:
        for name in tracked(folder):
            (copy / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / folder / name).write_bytes((ROOT / folder / name).read_bytes())
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (copy / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, copy]
    run = subprocess.run(build, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    target = tmp_path_factory.mktemp("site")
    with ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def python(installed, cwd, *arguments):
    """Runs Python where only the unpacked wheel can be found as simgen."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("folder", SHIPPED)
def test_every_file_is_in_the_wheel(wheel, folder):
    inside = set(ZipFile(wheel).namelist())
    wanted = {f"{SHIPPED[folder]}/{name.as_posix()}" for name in tracked(folder)}
    assert wanted - {"simgen/assets/make_labels.py"} <= inside
    assert len(wanted) > 2


def test_nothing_else_is_in_the_wheel(wheel):
    names = [name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert all(name.startswith("simgen/") and name.endswith(KINDS) for name in names)
    assert "simgen/py.typed" in names and not any("test" in name for name in names)


def test_the_command_runs_from_another_folder(installed, tmp_path):
    run = python(installed, tmp_path, "-m", "simgen", "--help")
    assert run.returncode == 0 and "randomize:" in run.stdout, run.stderr
    run = python(installed, tmp_path, "-m", "simgen", "scene=warehouse", "--cfg", "job")
    assert run.returncode == 0 and "simgen.scenes.warehouse.Warehouse" in run.stdout, run.stderr


def test_it_is_the_installed_one_that_runs(installed, tmp_path):
    code = "import simgen, simgen.scenes.single, simgen.conf; print(simgen.__file__)"
    run = python(installed, tmp_path, "-c", code)
    assert Path(run.stdout.strip()).is_relative_to(installed), run.stderr


def test_scenes_can_be_sampled_there(installed, tmp_path):
    code = (
        "from hydra import compose, initialize_config_module\n"
        "from omegaconf import OmegaConf\n"
        "from simgen.recipe import Recipe\n"
        "with initialize_config_module('simgen.conf', version_base='1.3'):\n"
        "    config = compose('config', ['scene=single', 'out=out'])\n"
        "config = OmegaConf.to_container(config, resolve=True)\n"
        "config['renderer'] = {'_target_': 'simgen.proposal.Accept'}\n"
        "print(len(Recipe.from_config(config).sample(0).bodies))\n"
    )
    run = python(installed, tmp_path, "-c", code)
    assert run.stdout == "2\n", run.stderr


def test_a_strangers_scene_beside_their_own_config(installed, tmp_path):
    """One .py and one .yaml, outside of the package."""
    (tmp_path / "conf/scene").mkdir(parents=True)
    (tmp_path / "conf/scene/kitchen.yaml").write_text("_target_: kitchen.Kitchen\nstools: 3\n")
    command = ("-m", "simgen", "--config-dir", "conf", "scene=kitchen")
    run = python(installed, tmp_path, *command, "--cfg", "job")
    assert run.returncode == 0 and "kitchen.Kitchen" in run.stdout, run.stderr
    run = python(installed, tmp_path, *command, "scene.stols=4")
    assert run.stderr == "simgen: scene.stols is not known; did you mean 'scene.stools'?\n"
