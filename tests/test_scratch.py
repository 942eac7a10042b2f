import os
from pathlib import Path

import pytest

from simgen.errors import SimgenError
from simgen.scratch import FOLDER, clear_stale, replace_file, scratch


def test_where_no_folder_can_ever_be_made_it_gives_up(tmp_path, monkeypatch):
    """As below /proc, or below a mount that makes folders by itself."""

    def nowhere(path, *_, **__):
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "mkdir", nowhere)
    with pytest.raises(SimgenError, match="cannot be made, or is gone: choose another out="):
        replace_file(tmp_path / "out", "a.json", [b"{}"])


@pytest.mark.parametrize("name", ["node7-0123abcd-0", "node7", "0123abcd0123abcd"])
def test_a_lock_of_another_host_may_not_be_seen_here_so_its_folder_must_be_old(tmp_path, name):
    left = tmp_path / FOLDER / name
    left.mkdir(parents=True)
    now = left.stat().st_mtime
    for hours, stays in ((23, True), (25, False)):
        os.utime(left, (now - hours * 3600,) * 2)
        clear_stale(tmp_path)
        assert left.exists() == stays
    assert not (tmp_path / FOLDER).exists()


def test_a_clock_that_jumps_clears_no_other_hosts_folder(tmp_path, monkeypatch):
    left = tmp_path / FOLDER / "node7-0123abcd-0"
    left.mkdir(parents=True)
    monkeypatch.setattr("time.time", lambda: left.stat().st_mtime + 1e6)
    clear_stale(tmp_path)
    assert left.exists()


def test_containers_of_one_host_see_each_others_locks(tmp_path):
    with scratch(tmp_path) as ours:
        _, host, _ = ours.name.split("-")
        dead = ours.with_name(f"other_pod-{host}-0")
        dead.mkdir()
        clear_stale(tmp_path)
        assert ours.exists() and not dead.exists()
