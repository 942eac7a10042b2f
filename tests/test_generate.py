import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from simgen.datacard.write import write_data_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.generate import generate
from tests import rectangles
from tests.folders import contents
from tests.rectangles import SCRIPT, run
from tests.waiting import is_alive, reached, records, wait_for

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def eight(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("eight") / "out"
    run(out, frames=8)
    return out


def test_a_run_makes_every_file_of_every_frame(eight):
    assert set(contents(eight)) == {
        "dataset.json",
        "croissant.json",
        "README.md",
        "annotations/instances.json",
        "annotations/images.jsonl",
        *(f"records/{i:06d}.json" for i in range(8)),
        *(f"{kind}/{i:06d}.png" for kind in ("images", "instance", "semantic") for i in range(8)),
        *(f"depth/{i:06d}.exr" for i in range(8)),
    }
    assert list(Dataset.load(eight).verify()) == []


def test_two_workers_make_the_same_bytes_as_one(eight, tmp_path):
    summary = run(tmp_path / "out", frames=8, workers=2)
    assert contents(tmp_path / "out") == contents(eight)
    assert (summary.frames_made, summary.workers) == (8, 2)


def test_any_order_makes_the_same_bytes(eight, tmp_path):
    config = rectangles.config(tmp_path / "out", frames=8)
    recipe = rectangles.build(config)
    card = Dataset.load(eight).card
    dataset = Dataset.open(tmp_path / "out", card, config)
    for index in (5, 0, 7, 3, 1, 6, 2, 4):
        dataset.commit(rectangles.make(recipe, index), recipe.writers.values())
    recipe.writers["coco"].finish(dataset)
    write_data_card(dataset)
    assert contents(tmp_path / "out") == contents(eight)


def test_a_frame_alone_is_the_same_frame(eight, tmp_path):
    summary = run(tmp_path / "out", frames=[6])
    whole, alone = contents(eight), contents(tmp_path / "out")
    of_frames = {name for name in alone if "000006" in name}
    assert (summary.frames_made, len(of_frames)) == (1, 5)
    assert {name: alone[name] for name in of_frames} == {name: whole[name] for name in of_frames}


def test_listed_frames_are_made_where_they_are_missing(eight, tmp_path):
    run(tmp_path / "out", frames=[6, 2, 6])
    summary = run(tmp_path / "out", frames=[2, 0])
    assert (summary.frames_made, summary.frames_reused) == (1, 1)
    assert run(tmp_path / "out", frames=8).frames_made == 5
    assert contents(tmp_path / "out") == contents(eight)


def test_a_dataset_grows(eight, tmp_path):
    run(tmp_path / "out", frames=3)
    made = {p: p.stat().st_mtime_ns for p in (tmp_path / "out/records").iterdir()}
    summary = run(tmp_path / "out", frames=8)
    assert (summary.frames_made, summary.frames_reused) == (5, 3)
    assert contents(tmp_path / "out") == contents(eight)
    assert all(p.stat().st_mtime_ns == before for p, before in made.items())


def test_fewer_frames_lose_nothing(eight):
    before = contents(eight)
    summary = run(eight, frames=2)
    assert (summary.frames_made, summary.frames_reused, summary.frames_there) == (0, 2, 8)
    assert contents(eight) == before


def test_only_missing_frames_are_made(eight, tmp_path):
    run(tmp_path / "out", frames=8)
    (tmp_path / "out/records/000004.json").unlink()
    assert run(tmp_path / "out", frames=8).frames_made == 1
    assert contents(tmp_path / "out") == contents(eight)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frames": 0}, "frames=0 must be [number, ...] or a whole number of at least 1"),
        ({"frames": []}, "frames=[] must hold"),
        ({"frames": [1, -2]}, "frames=[1, -2] must hold at least one number, none below 0"),
        ({"frames": [1.5]}, "frames=[1.5] must hold"),
        ({"frames": -3}, "frames=-3 must be"),
        ({"frames": 1.5}, "frames=1.5 must be"),
        ({"frames": True}, "frames=True must be"),
        ({"frames": "many"}, "frames='many' must be"),
        ({"seed": -1}, "seed=-1 must be a whole number of at least 0"),
        ({"on_error": "ignore"}, "on_error='ignore' is not known; choose one of: skip, stop"),
        ({"out": ""}, "out='' must be a folder, or an URL"),
        ({"out": None}, "out=None must be"),
    ],
)
def test_a_wrong_number_is_named_before_anything_is_written(tmp_path, changes, said):
    config = {**rectangles.config(tmp_path / "out"), **changes}
    with pytest.raises(SimgenError) as error:
        generate(config, rectangles.build, rectangles.make)
    assert str(error.value).startswith(said)
    assert list(tmp_path.iterdir()) == []


def test_a_recipe_that_cannot_be_built_writes_nothing(tmp_path):
    def build(config):
        raise SimgenError("renderer.device='cuda' is not here")

    with pytest.raises(SimgenError, match="^renderer.device"):
        generate(rectangles.config(tmp_path / "out"), build, rectangles.make)
    assert list(tmp_path.iterdir()) == []


def test_the_summary_counts(eight, tmp_path):
    summary = run(tmp_path / "out", frames=8)
    labels = [label for record in Dataset.load(eight).records() for label in record.labels]
    assert sum(summary.instances.values()) == len(labels) > 0
    assert list(summary.instances) == list(rectangles.CATEGORIES)
    assert summary.devices == ("none",)
    assert set(summary.seconds) == {"render", "commit", "frame"}
    text = summary.text()
    assert str(tmp_path) in text
    assert f"pallet {summary.instances['pallet']}" in text
    assert "8 made, 0 there already, 8 in the folder" in text
    assert max(map(len, text.splitlines())) <= max(100, len(str(tmp_path)) + 30)


def test_the_dataset_keeps_the_config_as_asked(eight):
    assert "threads: 0" in (eight / "config/config.yaml").read_text()


# Runs in a process of their own, that a signal may end.


def started(out: Path, stderr=subprocess.PIPE, **changes) -> subprocess.Popen:
    config = json.dumps(rectangles.config(out, **changes))
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, config],
        cwd=ROOT,
        stderr=stderr,
        text=True,
        start_new_session=True,
        env=plain_environment(),
    )


def plain_environment() -> dict[str, str]:
    """Returns this process's without what tells of its terminal."""
    told = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    kept = {name: value for name, value in os.environ.items() if name not in told}
    return {**kept, "TERM": "xterm"}


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_at_random_and_continued(eight, tmp_path, workers):
    out, rng = tmp_path / "out", random.Random(workers)
    for goal in (1, 4):
        process = started(out, frames=8, workers=workers, seconds=0.1)
        wait_for(partial(reached, out, goal))
        time.sleep(rng.uniform(0, 0.1))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert list(Dataset.load(out).verify()) == []
    run(out, frames=8)
    assert contents(out) == contents(eight)


@pytest.mark.parametrize(
    ("number", "code", "workers"),
    [(signal.SIGINT, 130, 0), (signal.SIGTERM, 143, 1), (signal.SIGINT, 130, 2)],
)
def test_a_signal_stops_after_the_frames_in_flight(eight, tmp_path, number, code, workers):
    out = tmp_path / "out"
    process = started(out, frames=8, workers=workers, seconds=0.5)
    wait_for(partial(reached, out, 1))
    os.killpg(process.pid, number)  # all of the group, as a terminal does
    said = process.communicate(timeout=120)[1]
    assert process.returncode == code
    assert "stopping after the frames in flight" in said
    last = said.strip().splitlines()[-1]
    done = len(Dataset.load(out).done())
    assert 1 <= done < 8
    assert last == (
        f"stopped by {number.name} with {done} of 8 frames in {out}; "
        f"run the same command again to continue"
    )
    assert "Traceback" not in said
    run(out, frames=8)
    assert contents(out) == contents(eight)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_second_signal_drops_the_frames_in_flight(tmp_path, workers):
    out = tmp_path / "out"
    hangs = tmp_path / "hangs"
    process = started(out, frames=4, workers=workers, trouble={"hang": 2, "note": str(hangs)})
    wait_for(lambda: reached(out, 2) and hangs.exists())
    os.killpg(process.pid, signal.SIGINT)
    assert any("stopping after the frames in flight" in line for line in process.stderr)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 130
    assert "frames in flight dropped" in said
    assert "Traceback" not in said
    assert records(out) == 2


def test_workers_do_not_outlive_their_parent(tmp_path):
    out = tmp_path / "out"
    process = started(out, frames=4, workers=2, trouble={"hang": 2})
    wait_for(partial(reached, out, 2))
    workers = spawned(process.pid)
    assert len(workers) == 2
    process.kill()
    process.wait()
    wait_for(lambda: not any(map(is_alive, workers)))


def spawned(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    commands = {int(c): Path(f"/proc/{c}/cmdline").read_bytes() for c in children}
    return [c for c, command in commands.items() if b"spawn_main" in command]


def test_a_log_gets_lines_instead_of_a_bar(tmp_path):
    said = started(tmp_path / "out", frames=3).communicate()[1]
    assert re.search(r"^3 of 3 frames, [\d.]+ frames/min, 0:00:00 left$", said, re.MULTILINE)
    assert "\x1b" not in said


def test_a_terminal_gets_a_bar(tmp_path):
    ours, theirs = os.openpty()
    process = started(tmp_path / "out", stderr=theirs, frames=3, seconds=0.2)
    os.close(theirs)
    shown = b"".join(iter(partial(_read, ours), b"")).decode()
    assert process.wait() == 0
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert re.search(r"3/3 [\d:]+ [\d.]+ frames/min, 0:00:00 left", plain)
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l"), "the cursor stays hidden"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1000)
    except OSError:  # the other end is closed
        return b""
