"""Renders a scene with blenderproc 2.8.0 and judges the COCO folders that it writes.

Twice: by `python -m simgen.audit`, which sees only the folder, and against the truth of the scene.

    python benchmarks/peers/audit_blenderproc.py [--env FOLDER] [--out FOLDER] [--frames 12]
        [--size 640 480] [--samples 4]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import findings
import still_life
from against_truth import annotated, judge, strays, visible
from rich import print

from simgen.truth.raycast import raycast

HERE = Path(__file__).parent
SCRIPT = HERE / "blenderproc_scene.py"
READY = "simgen-ready"
OLDER = "numpy==1.23.5"  # the last that makes an array of contours of unequal length
TOGETHER = Path(tempfile.gettempdir()) / "simgen-peers"


def environment(folder: Path) -> Path:
    """Returns the interpreter of blenderproc's environment, which is made if it is not there."""
    python = folder / "bin/python"
    if not (folder / READY).exists():
        own = shutil.which("python3.11") if sys.version_info[:2] != (3, 11) else sys.executable
        if own is None:
            sys.exit("blenderproc 2.8.0 needs python3.11 on the PATH")
        _run(own, "-m", "venv", "--clear", folder)
        _run(python, "-m", "pip", "install", "-qq", "-r", HERE / "blenderproc.txt")
        older = ("--no-deps", "--target", folder / OLDER, OLDER)
        _run(python, "-m", "pip", "install", "-qq", *older)
        (folder / READY).touch()
    return python


def _run(*command, **settings) -> None:
    subprocess.run([str(word) for word in command], check=True, **settings)


def write(python: Path, folder: Path, encoding: str) -> Path:
    """Returns the COCO folder that blenderproc wrote, with an older NumPy where it must."""
    target = folder / encoding
    command = [str(word) for word in (python, SCRIPT, "write", folder, encoding, target)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"[b]{encoding}[/b]: blenderproc stopped: {done.stderr.strip().splitlines()[-1]}")
        print(f"{encoding}: written again with {OLDER}")
        shutil.rmtree(target)
        older = {**os.environ, "PYTHONPATH": str(python.parents[1] / OLDER)}
        _run(*command, env=older, capture_output=True)
    return target


def audit(folder: Path) -> None:
    """Has our audit judge a folder as if it were anybody's, and prints what it says."""
    print(f"\n[b]python -m simgen.audit {folder}[/b]", flush=True)
    done = subprocess.run([sys.executable, "-m", "simgen.audit", str(folder)])
    print(f"exit code {done.returncode}")


def main(options: argparse.Namespace) -> None:
    """Renders once, writes both encodings, judges both."""
    python = environment(options.env)
    if options.out.exists():
        sys.exit(f"--out {options.out} exists; choose another folder")
    specs = still_life.views(options.frames, *options.size)
    still_life.export(specs, options.out)
    log = options.out / "blenderproc.log"
    with log.open("w") as sink:
        command = (python, SCRIPT, "render", options.out, options.samples)
        _run(*command, stdout=sink, stderr=subprocess.STDOUT)
    folders = {name: write(python, options.out, name) for name in ("rle", "polygon")}
    for folder in folders.values():
        audit(folder)
    truths = [raycast(spec) for spec in specs]
    true = [visible(spec, truth) for spec, truth in zip(specs, truths)]
    said = {name: list(zip(true, annotated(folder))) for name, folder in folders.items()}
    verdicts = {
        name: [v for i, (t, s) in enumerate(pairs) for v in judge(i, t, s)]
        for name, pairs in said.items()
    }
    extra = {name: sum(len(strays(t, s)) for t, s in pairs) for name, pairs in said.items()}
    print("", findings.labels(verdicts, extra), findings.passes(truths, options.out / "render"))
    print(findings.licence(folders["rle"]))


def parsed() -> argparse.Namespace:
    """Returns the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--env", type=Path, default=TOGETHER / "blenderproc-2.8.0")
    parser.add_argument("--out", type=Path, help="a new folder; a temporary one if left out")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", type=int, nargs=2, default=(640, 480), metavar=("W", "H"))
    parser.add_argument("--samples", type=int, default=4)
    options = parser.parse_args()
    options.out = options.out or Path(tempfile.mkdtemp(prefix="simgen-peer-")) / "blenderproc"
    return options


if __name__ == "__main__":
    main(parsed())
