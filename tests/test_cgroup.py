"""Limits of a process, from folders as the kernel makes them."""

from math import inf
from pathlib import Path

import pytest

from simgen import cgroup

GB = 1 << 30


def tree(root: Path, own: str, **files: str) -> tuple[Path, Path]:
    """Writes files, whose names have '__' for '/', and what the kernel tells of this process."""
    (root / "fs").mkdir()
    for name, text in files.items():
        path = root / "fs" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "own").write_text(own)
    return root / "fs", root / "own"


def test_where_nothing_is_told_there_is_no_limit(tmp_path):
    nowhere = tmp_path / "none", tmp_path / "none either"
    assert (cgroup.cpus(*nowhere), cgroup.memory_left_gb(*nowhere)) == (inf, inf)


def test_version_2_in_a_container(tmp_path):
    here = tree(
        tmp_path,
        "0::/\n",
        **{
            "cpu.max": "150000 100000\n",
            "memory.max": f"{4 * GB}\n",
            "memory.current": f"{3 * GB}\n",
            "memory.stat": f"anon {GB}\ninactive_file {GB // 2}\nactive_file {GB}\n",
        },
    )
    assert (cgroup.cpus(*here), cgroup.memory_left_gb(*here)) == (1.5, 1.5)


def test_version_2_without_limits(tmp_path):
    here = tree(
        tmp_path,
        "0::/\n",
        **{"cpu.max": "max 100000\n", "memory.max": "max\n", "memory.current": "7\n"},
    )
    assert (cgroup.cpus(*here), cgroup.memory_left_gb(*here)) == (inf, inf)


def test_the_least_of_a_job_s_group_and_of_those_above_holds(tmp_path):
    here = tree(
        tmp_path,
        "0::/slurm/job_7\n",
        **{
            "cpu.max": "100000 100000\n",  # of all groups: the least
            "slurm__job_7__cpu.max": "400000 100000\n",
            "slurm__memory.max": f"{8 * GB}\n",
            "slurm__memory.current": f"{6 * GB}\n",
            "slurm__job_7__memory.max": f"{3 * GB}\n",
            "slurm__job_7__memory.current": "0\n",
        },
    )
    assert (cgroup.cpus(*here), cgroup.memory_left_gb(*here)) == (1.0, 2.0)


@pytest.mark.parametrize(("quota", "cpus"), [("50000", 0.5), ("-1", inf)])
def test_version_1(tmp_path, quota, cpus):
    here = tree(
        tmp_path,
        "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n",
        **{
            "cpu__cpu.cfs_quota_us": f"{quota}\n",
            "cpu__cpu.cfs_period_us": "100000\n",
            "memory__memory.limit_in_bytes": f"{2 * GB}\n",
            "memory__memory.usage_in_bytes": f"{GB}\n",
            "memory__memory.stat": f"inactive_file 1\ntotal_inactive_file {GB // 4}\n",
            "memory__docker__abc__memory.limit_in_bytes": "9223372036854771712\n",  # none
            "memory__docker__abc__memory.usage_in_bytes": "0\n",
        },
    )
    assert (cgroup.cpus(*here), cgroup.memory_left_gb(*here)) == (cpus, 1.25)
