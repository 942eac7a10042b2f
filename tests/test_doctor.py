"""Each check of the doctor's: what it says of a healthy machine, and of one that is not."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections import namedtuple
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from simgen.doctor import cluster, libraries, memory, packages, renders, storage
from simgen.doctor.checkup import CHECKS, checkup
from simgen.doctor.child import Answer, ask
from simgen.doctor.exam import Exam
from simgen.doctor.finding import FAILED, NOTE, OK, WARNING, Finding
from simgen.doctor.report import report
from simgen.doctor.show import apt_line, as_json, failed, verdict
from simgen.errors import SimgenError
from tests.composing import composed

ROOT = Path(__file__).parents[1]
SHOT = {"seconds": 0.2, "agreement": 1.0, "brightness": 0.7, "opengl": ""}
HEALTHY = {
    "version": "4.5.15",
    "raw": SHOT | {"device": "CPU", "grain": 0.06},
    "denoised": SHOT | {"device": "CPU", "grain": 0.006},
    "eevee": SHOT | {"device": "EEVEE", "opengl": "NVIDIA H100", "grain": 0.001},
    "frame": {"device": "CPU", "seconds": 9.0, "bytes": 2_000_000, "peak_memory_mb": 512.0},
    "load": {},
    "share": True,
}


def exam(tmp_path, *overrides: str, **answers) -> Exam:
    """Returns what the checks look at, with answers of a healthy machine, or with others."""
    told = {name: Answer(value) for name, value in HEALTHY.items()} | {
        name: value if isinstance(value, Answer) else Answer(value)
        for name, value in answers.items()
    }

    def fake(question: str, seconds: float, /, **arguments) -> Answer:
        name = question.rpartition(".")[2]
        if name == "render":
            node = arguments["renderer"]
            raw = "denoised" if node.get("denoise") else "raw"
            name = "eevee" if node["_target_"].endswith(".Eevee") else raw
        return told[name]

    return Exam(config(*overrides) | {"out": str(tmp_path / "out")}, fake)


config = cache(composed)


@pytest.fixture(autouse=True)
def little_is_written(monkeypatch):
    monkeypatch.setattr(storage, "_MEGABYTES", 2)


def only(findings) -> Finding:
    (finding,) = findings
    return finding


def named(findings) -> dict[str, Finding]:
    return {each.check: each for each in findings}


def test_a_healthy_machine_has_no_findings(tmp_path, monkeypatch):
    monkeypatch.setattr(renders, "has_nvidia", lambda: False)
    found = checkup(exam(tmp_path))
    assert {each.state for each in found} <= {OK, NOTE, WARNING} and not failed(found)
    assert verdict(found).startswith("the run would work") and not (tmp_path / "out").exists()
    assert len({each.check for each in found}) >= len(CHECKS)


# children


def test_a_child_answers_and_its_errors_are_one_line():
    assert ask("simgen.doctor.memory.share", 60) == Answer(True)
    assert "no_such" in ask("simgen.doctor.memory.no_such", 60).trouble
    wrong = ask("simgen.doctor.packages.load", 60, modules=["json", "no_such_module"])
    assert list(wrong.value) == ["no_such_module"]


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGILL"])
def test_a_child_that_crashes_is_told(name):
    answer = ask("os.kill", 60, **{})  # misses its arguments: an error, no crash
    assert "TypeError" in answer.trouble and not answer.signal
    number = int(getattr(signal, name))
    answer = ask("tests.dying.die", 60, number=number)
    assert answer.signal == number and name in answer.trouble and answer.value is None


def test_a_child_that_hangs_is_killed():
    answer = ask("signal.pause", 0.2)  # returns only once its child has ended
    assert answer.trouble == "no answer within 0.2 s"


def test_a_child_that_ends_without_an_answer_says_what_it_said_last():
    answer = ask("tests.dying.leave", 60, code=3, said="libfoo is angry")
    assert answer.trouble == "exit code 3: libfoo is angry"


# packages and libraries


def test_a_python_that_is_too_old_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "python_version", lambda: "3.8.1")
    finding = only(packages.python(exam(tmp_path)))
    assert finding.state == FAILED and "3.8.1, where simgen needs" in finding.found


@pytest.mark.parametrize(
    ("version", "found"), [(None, "missing, where simgen needs bpy"), ("4.2.0", "4.2.0, where")]
)
def test_a_package_that_is_missing_or_old_fails(tmp_path, monkeypatch, version, found):
    real = packages._version
    monkeypatch.setattr(packages, "_version", lambda n: version if n == "bpy" else real(n))
    finding = named(packages.packages(exam(tmp_path)))["bpy"]
    assert finding.state == FAILED and finding.found.startswith(found) and "pip" in finding.remedy


def test_a_package_that_misses_a_library_names_the_system_s_package(tmp_path):
    reason = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
    found = named(packages.packages(exam(tmp_path, load={"cv2": reason})))["cv2"]
    assert found.state == FAILED and found.packages == ("libgl1",)
    other = named(packages.packages(exam(tmp_path, load={"cv2": "ImportError: bad"})))["cv2"]
    assert other.packages == () and "--force-reinstall" in other.remedy


def test_packages_that_crash_fail(tmp_path):
    crash = Answer(trouble="the process crashed (SIGILL)", signal=signal.SIGILL)
    found = named(packages.packages(exam(tmp_path, load=crash)))["packages"]
    assert found.state == FAILED and "SIGILL" in found.found


def test_extras_are_a_note(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "_lacks", lambda extra: extra == "evaluate")
    found = only(packages.extras(exam(tmp_path)))
    assert found.state == NOTE and "not: evaluate" in found.found and "export" in found.found
    assert "[evaluate]" in found.remedy


LDD = """\
	linux-vdso.so.1 (0x00007fe54aaf0000)
	libSM.so.6 => not found
	libX11.so.6 => not found
	libX11.so.6 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007fe52cc1e000)
"""


def test_libraries_that_are_missing_fail_with_their_packages(tmp_path, monkeypatch):
    told = subprocess.CompletedProcess([], 0, LDD, "")
    monkeypatch.setattr(libraries.subprocess, "run", lambda *a, **k: told)
    monkeypatch.setattr(libraries, "blenders_module", lambda: Path("bpy.so"))
    found = only(libraries.libraries(exam(tmp_path)))
    assert found.state == FAILED and found.found == "missing: libSM.so.6, libX11.so.6"
    assert apt_line([found]).endswith("apt-get install -y --no-install-recommends libsm6 libx11-6")


@pytest.mark.parametrize(
    ("soname", "package"),
    [
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libGL.so.1", "libgl1"),
        ("libEGL.so.1", "libegl1"),
        ("libXi.so.6", "libxi6"),
        ("libXxf86vm.so.1", "libxxf86vm1"),
        ("libSM.so.6", "libsm6"),
        ("libICE.so.6", "libice6"),
        ("libX11.so.6", "libx11-6"),
        ("libgomp.so.1", "libgomp1"),
        ("libgcc_s.so.1", "libgcc-s1"),
        ("libstdc++.so.6", "libstdc++6"),
        ("libm.so.6", "libc6"),
    ],
)
def test_packages_of_libraries(soname, package):
    assert libraries.package_of(soname) == package


# Blender


def test_what_keeps_blender_from_starting_fails(tmp_path):
    text = "ImportError: libxkbcommon.so.0: cannot open shared object file: No such file"
    found = only(renders.blender(exam(tmp_path, version=Answer(trouble=text))))
    assert (found.state, found.packages) == (FAILED, ("libxkbcommon0",))
    crash = Answer(trouble="the process crashed (SIGILL)", signal=signal.SIGILL)
    found = only(renders.blender(exam(tmp_path, version=crash)))
    assert found.state == FAILED and "SSE4.2" in found.remedy
    found = only(renders.blender(exam(tmp_path, version=Answer(trouble="ImportError: bad"))))
    assert "--force-reinstall" in found.remedy
    rest = (renders.cycles, renders.denoiser, renders.eevee, renders.frame)
    assert not [f for check in rest for f in check(exam(tmp_path, version=crash))]


@pytest.mark.parametrize("device", ["cuda", "optix"])
def test_a_device_that_is_asked_for_and_missing_fails(tmp_path, device):
    missing = Answer(trouble=f"renderer.device={device}: Blender finds no {device.upper()} device")
    here = exam(tmp_path, f"renderer.device={device}", raw=missing)
    found = only(renders.cycles(here))
    assert found.state == FAILED and device in found.found
    assert not list(renders.denoiser(here))  # of which nothing is known then


def test_a_crash_of_the_gpu_s_driver_names_the_cpu(tmp_path):
    crash = Answer(trouble="the process crashed (SIGSEGV)", signal=signal.SIGSEGV)
    found = only(renders.cycles(exam(tmp_path, raw=crash)))
    assert found.state == FAILED and found.remedy.startswith("renderer.device=cpu")
    spared = only(renders.cycles(exam(tmp_path, "renderer=eevee", raw=crash)))
    assert spared.state == WARNING


def test_labels_that_are_not_the_ray_caster_s_fail(tmp_path):
    found = only(renders.cycles(exam(tmp_path, raw=HEALTHY["raw"] | {"agreement": 0.9})))
    assert found.state == FAILED and "agree on only 90.0%" in found.found


@pytest.mark.parametrize(("device", "state"), [("auto", WARNING), ("cpu", OK)])
def test_a_gpu_that_is_not_used_is_warned_of_unless_nobody_wants_it(
    tmp_path, monkeypatch, device, state
):
    monkeypatch.setattr(renders, "has_nvidia", lambda: True)
    assert only(renders.cycles(exam(tmp_path, f"renderer.device={device}"))).state == state


@pytest.mark.parametrize("grain", [0.06, 0.05, float("nan")])
def test_a_denoiser_that_does_nothing_fails_where_it_is_wanted(tmp_path, grain):
    idle = HEALTHY["denoised"] | {"grain": grain}
    assert only(renders.denoiser(exam(tmp_path, denoised=idle))).state == FAILED
    without = exam(tmp_path, "renderer.denoise=false", denoised=idle)
    assert only(renders.denoiser(without)).state == WARNING


@pytest.mark.parametrize(("renderer", "state"), [("cycles", WARNING), ("eevee", FAILED)])
def test_eevee_that_cannot_draw_fails_where_it_is_wanted(tmp_path, renderer, state):
    for answer in (
        Answer(trouble="the process crashed (SIGABRT)", signal=signal.SIGABRT),
        HEALTHY["eevee"] | {"brightness": 0.0},
        HEALTHY["eevee"] | {"brightness": float("nan")},
    ):
        found = only(renders.eevee(exam(tmp_path, f"renderer={renderer}", eevee=answer)))
        assert found.state == state and "libegl1" in found.packages


@pytest.mark.parametrize(("renderer", "state"), [("cycles", NOTE), ("eevee", WARNING)])
def test_eevee_in_software_is_told(tmp_path, renderer, state):
    soft = HEALTHY["eevee"] | {"opengl": "llvmpipe (LLVM 15.0.6, 256 bits)"}
    assert only(renders.eevee(exam(tmp_path, f"renderer={renderer}", eevee=soft))).state == state


def test_a_first_frame_that_cannot_be_made_fails(tmp_path):
    found = only(renders.frame(exam(tmp_path, frame=Answer(trouble="scene.rows=9 is too many"))))
    assert (found.state, found.found) == (FAILED, "scene.rows=9 is too many")
    killed = Answer(trouble="the process crashed (SIGKILL)", signal=signal.SIGKILL)
    assert "memory" in only(renders.frame(exam(tmp_path, frame=killed))).remedy


# the folder


def test_a_folder_that_cannot_be_written_fails(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(storage, "write_synced", refused)
    found = only(storage.storage(exam(tmp_path)))
    assert found.state == FAILED and "mounted read-only: choose another out=" in found.found
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_and_a_folder_of_other_things_fail(tmp_path):
    (tmp_path / "out").write_text("")
    assert only(storage.storage(exam(tmp_path))).state == FAILED
    (tmp_path / "out").unlink()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/diary.txt").write_text("")
    found = only(storage.storage(exam(tmp_path)))
    assert found.state == FAILED and "diary.txt" in found.found


def test_a_full_disk_fails(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    free = 10 * HEALTHY["frame"]["bytes"]
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage(1e12, 1e12, free))
    assert named(storage.storage(exam(tmp_path, "frames=10")))["disk space"].state == OK
    found = named(storage.storage(exam(tmp_path, "frames=11")))["disk space"]
    assert found.state == FAILED and "room for 10 frames of 2.0 MB" in found.found
    (tmp_path / "out/records").mkdir(parents=True)
    (tmp_path / "out/dataset.json").write_text("{}")
    (tmp_path / "out/records/000003.json").write_text("{}")  # one less to be made
    assert named(storage.storage(exam(tmp_path, "frames=11")))["disk space"].state == OK


def test_a_shard_s_frames_alone_are_counted(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    free = 10 * HEALTHY["frame"]["bytes"]
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage(1e12, 1e12, free))
    here = exam(tmp_path, "frames=1000", "shard=3/100", "workers=auto")
    assert list(here.frames) == list(range(3, 1000, 100))
    assert named(storage.storage(here))["disk space"].state == OK
    full = named(storage.storage(exam(tmp_path, "frames=1001", "shard=0/100")))["disk space"]
    assert full.state == FAILED and full.remedy.startswith("11 frames are to be made: free ")
    alone = named(memory.workers(exam(tmp_path, "frames=1000", "shard=3/1000", "workers=4")))
    assert alone["workers"].found.startswith("1, with ")


@pytest.mark.parametrize(
    ("words", "frames"),
    [
        (["views=5"], [15, 16, 17, 18, 19]),
        (["targets.balance=equal"], range(96, 128)),  # 32 choose together
        (["shard=4/3"], ()),
        (["views=0"], ()),
        (["frames=[3,4,103]"], [3, 103]),
    ],
)
def test_the_frames_of_a_shard_are_those_that_the_run_makes(tmp_path, words, frames):
    here = exam(tmp_path, "frames=500", "shard=3/100", *words)
    assert list(here.frames) == list(frames)


def test_the_first_frame_is_the_shard_s(tmp_path):
    asked = []
    here = exam(tmp_path, "frames=500", "shard=3/100")
    replace(here, ask=lambda *_, **given: asked.append(given["index"])).frame  # noqa: B018
    assert asked == [3]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_is_full_fails(tmp_path):
    (tmp_path / "small").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path / "small")]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mount is not allowed here")
    try:
        here = exam(tmp_path)
        found = only(storage.storage(replace(here, config=here.config | {
            "out": str(tmp_path / "small/out")})))  # fmt: skip
        assert found.state == FAILED and "free some space" in found.found
    finally:
        subprocess.run(["umount", str(tmp_path / "small")], check=True)


def test_a_slow_disk_is_warned_of(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_rate", lambda path: path.write_bytes(b"") or 1.0)
    assert named(storage.storage(exam(tmp_path)))["output"].state == WARNING


def test_locks_and_links_that_a_file_system_lacks_are_warned_of(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(storage.os, "link", refused)
    assert named(storage.storage(exam(tmp_path)))["hard links"].state == WARNING
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)  # says yes to everybody
    assert named(storage.storage(exam(tmp_path)))["file locks"].state == WARNING
    monkeypatch.setattr(fcntl, "flock", refused)
    assert named(storage.storage(exam(tmp_path)))["file locks"].state == WARNING


def test_a_store_is_tried_in_a_process_of_its_own(tmp_path):
    remote = replace(exam(tmp_path, reach=80.0), config=config() | {"out": "s3://bucket/x"})
    assert only(storage.storage(remote)).state == OK
    remote = replace(exam(tmp_path, reach=1.0), config=config() | {"out": "s3://bucket/x"})
    assert only(storage.storage(remote)).state == WARNING
    refused = Answer(trouble="s3://bucket/x: cannot write: no credentials")
    remote = replace(exam(tmp_path, reach=refused), config=config() | {"out": "s3://bucket/x"})
    found = only(storage.storage(remote))
    assert found.state == FAILED and "no credentials" in found.found


def test_what_is_put_into_a_store_is_removed():
    fsspec = pytest.importorskip("fsspec")
    assert storage.reach("memory://doctor/x") > 0
    assert fsspec.filesystem("memory").find("doctor") == []
    with pytest.raises(SimgenError, match="nothing is written to ftp://"):
        storage.reach("ftp://doctor/x")


# memory


def test_workers_that_need_more_memory_than_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory_gb", lambda: 1.2)
    here = exam(tmp_path, "workers=4", "frames=100")  # 0.5 GB each
    found = named(memory.workers(here))
    assert found["memory"].state == WARNING and found["memory"].remedy == "workers=2"
    assert found["workers"].found.startswith("4, with ")
    assert named(memory.workers(exam(tmp_path, "workers=2")))["memory"].state == OK


def test_a_number_of_workers_that_cannot_be_fails(tmp_path):
    found = named(memory.workers(exam(tmp_path, "workers=-1")))["workers"]
    assert found.state == FAILED and "workers=-1" in found.found


def test_little_shared_memory_is_warned_of(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    for free, state in [(64 << 20, WARNING), (4096, WARNING), (2e9, OK)]:
        monkeypatch.setattr(memory.shutil, "disk_usage", lambda _, f=free: usage(2e9, 0, f))
        assert only(memory.shared_memory(exam(tmp_path))).state == state
    crash = Answer(trouble="the process crashed (SIGBUS)", signal=signal.SIGBUS)
    assert only(memory.shared_memory(exam(tmp_path, share=crash))).state == WARNING
    monkeypatch.undo()
    monkeypatch.setattr(memory, "SHARED", tmp_path / "none")
    assert only(memory.shared_memory(exam(tmp_path))).state == WARNING


# the cluster


def test_a_cluster_that_is_joined_tells_its_room(tmp_path):
    assert not list(cluster.ray_cluster(exam(tmp_path)))
    found = only(cluster.ray_cluster(exam(tmp_path, "launcher=ray", join=3)))
    assert (found.state, found.found) == (OK, "joined; room for 3 workers now")
    few = only(cluster.ray_cluster(exam(tmp_path, "launcher=ray", "workers=4", join=3)))
    assert few.state == WARNING and few.remedy.startswith("workers=3, or more nodes")
    silent = Answer(trouble="no answer within 120 s")
    found = only(cluster.ray_cluster(exam(tmp_path, "launcher=ray", join=silent)))
    assert found.state == FAILED and "ray status" in found.remedy


def test_a_cluster_that_does_not_answer_fails(tmp_path):
    """Nobody is asked but the port, which is closed."""
    pytest.importorskip("ray")
    here = replace(exam(tmp_path, "launcher=ray", "launcher.address=127.0.0.1:9"), ask=ask)
    found = only(cluster.ray_cluster(here))
    assert found.state == FAILED and found.remedy
    assert found.found.startswith(
        "launcher.address=127.0.0.1:9: no Ray cluster: none answers there"
    )


# the command


def told(capsys, fake, *arguments) -> tuple[int, str, str]:
    code = report(arguments, fake)
    return code, *capsys.readouterr()


def test_the_command_fails_where_the_run_would(tmp_path, capsys):
    fine = exam(tmp_path)
    code, out, _ = told(capsys, fine.ask, f"out={tmp_path / 'out'}")
    assert code == 0 and "the run would work" in out and "Open Image Denoise" in out
    lost = exam(tmp_path, version=Answer(trouble="libSM.so.6: cannot open shared object file"))
    code, out, _ = told(capsys, lost.ask, f"out={tmp_path / 'out'}")
    assert code == 1 and "the run would fail: blender" in out
    assert out.count("apt-get") == 1 and "libsm6" in out


def test_json_says_the_same(tmp_path, capsys):
    lost = exam(tmp_path, version=Answer(trouble="libSM.so.6: cannot open shared object file"))
    code, out, _ = told(capsys, lost.ask, "--json", f"out={tmp_path / 'out'}")
    data = json.loads(out)
    assert code == 1 and not data["ok"] and data["install"].endswith(" libsm6")
    blender = next(f for f in data["findings"] if f["check"] == "blender")
    assert blender["state"] == FAILED and blender["packages"] == ["libsm6"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scene.rowz=3"], "scene.rowz is not known; did you mean 'scene.rows'?"),
        (["scene=wharehouse"], "scene=wharehouse is not known; did you mean 'warehouse'?"),
        (["renderer"], "cannot read 'renderer'"),
        (["--fast"], "unrecognized arguments: --fast; see python -m simgen.doctor --help"),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, arguments, said):
    code, out, err = told(capsys, exam(tmp_path).ask, *arguments)
    assert (code, out) == (1, "") and said in err and err.count("\n") == 1


def test_help_teaches(capsys):
    code, out, _ = told(capsys, ask, "--help")
    assert code == 0 and "renderer.device=cuda" in out and "--json" in out and "Exit code" in out


def test_findings_of_no_kind_are_left_out():
    rows = [Finding("a", OK, "x"), Finding("b", WARNING, "y", packages=("libb1", "liba1"))]
    assert apt_line(rows).endswith(" liba1 libb1") and apt_line(rows[:1]) == ""
    assert json.loads(as_json(rows))["ok"] and verdict(rows) == "the run would work, with 1 warning"


@pytest.mark.blender
def test_the_real_thing_from_another_folder(tmp_path):
    """Cycles and the job's first frame are rendered; a missing GPU, asked for, fails."""
    pytest.importorskip("bpy")
    arguments = ["scene=single", "resolution=[64,48]", "frames=1", "min_agreement=0.9", "--json"]
    run = subprocess.run(
        [sys.executable, "-m", "simgen.doctor", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    found = {each["check"]: each for each in json.loads(run.stdout)["findings"]}
    assert run.returncode == 0, run.stdout
    assert "64x48" in found["cycles"]["found"] and found["denoiser"]["state"] == OK
    assert found["first frame"]["state"] == OK and list(tmp_path.iterdir()) == []
