"""The container recipe and the Kubernetes example against what they are about."""

import re
import tomllib
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from simgen.farm.shard import Shard
from tests.composing import composed

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "deploy/Containerfile").read_text()
JOB = yaml.safe_load((ROOT / "deploy/kubernetes-job.yaml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
POD = JOB["spec"]["template"]["spec"]
CONTAINER = POD["containers"][0]


def test_the_recipe_copies_all_that_an_installation_takes():
    copied = {
        name for line in re.findall(r"^COPY (.*) \S+$", RECIPE, re.M) for name in line.split()
    }
    folders = set(PROJECT["tool"]["setuptools"]["package-dir"].values())
    project = PROJECT["project"]
    assert copied >= {*folders, "pyproject.toml", project["readme"], *project["license-files"]}
    assert all((ROOT / name).exists() for name in copied)
    assert "-c constraints.txt" in RECIPE and "constraints.txt" in copied


def test_the_recipe_starts_simgen_as_a_user_without_rights():
    assert 'ENTRYPOINT ["python", "-m", "simgen"]' in RECIPE
    user = int(re.findall(r"^USER (\d+)$", RECIPE, re.M)[-1])
    assert user == POD["securityContext"]["runAsUser"] > 0
    assert f"useradd --uid {user}" in RECIPE


def test_the_job_makes_every_shard_of_a_run_that_composes():
    args = [a.replace("$(JOB_COMPLETION_INDEX)", "7") for a in CONTAINER["args"]]
    config = composed(*args)
    assert args != CONTAINER["args"] and JOB["spec"]["completionMode"] == "Indexed"
    assert Shard.of(config["shard"]) == Shard(7, JOB["spec"]["completions"])
    mount = CONTAINER["volumeMounts"][0]
    assert config["out"].startswith(mount["mountPath"] + "/")
    assert mount["name"] == POD["volumes"][0]["name"]


def test_the_job_runs_this_version():
    assert CONTAINER["image"].rpartition(":")[2] == PROJECT["project"]["version"]


@pytest.mark.parametrize("release", ["1.33", "1.35", "1.37"])  # the first takes all as stable
def test_the_job_is_one_that_the_api_takes(release):
    kubernetes_validate.validate(JOB, release, strict=True)
    wrong = {**JOB, "spec": {**JOB["spec"], "completionMod": "Indexed"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, release, strict=True)
