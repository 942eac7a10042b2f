"""Races simgen against blenderproc 2.8.0 on the same scene, four frames each in turn.

    python benchmarks/peers/race.py [--quick] [--out FOLDER] [--env FOLDER] [--size 320 240]

40 objects over a floor, three lamps, every frame new in pose, material, light and camera; each tool
writes RGB, depth, normals, instances and COCO. Each racer has a process of its own, is warmed up,
and waits while the others run. Bare loops render the same in bpy alone. Then the fastest ones make
frames with all cores, by one process with as many threads and by a process for each core.

Quality is the PSNR of a tool's picture against its own one of 2,048 samples, neither denoised nor
adaptive, both brought to middle grey by the reference's exposure and to 8-bit sRGB: it is such
pictures that detectors see, and in linear light a few highlights would decide.

Run it again with the same --out to go on; a round that was cut off is run anew.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import race_crews
import race_scene
import race_tables
from audit_blenderproc import TOGETHER, environment
from in_turn import Racer

from simgen.rng import stream

HERE = Path(__file__).parent
LABELLED = ("simgen", "BlenderProc, expert", "BlenderProc, defaults")
BARE = ("bare loop, bpy 4.5, fast", "bare loop, bpy 4.2, fast", "bare loop, bpy 4.2, accurate")
REFERENCE = 2048  # samples
CREWED = (*LABELLED[:2], *BARE[:2])
SPLIT = {False: "one process", True: "a process a core"}
TURN = 4  # frames of a racer before the next one's turn
CREW_FRAMES = 8  # of each round


class Field:
    """The racers, each started when it is first asked for."""

    def __init__(self, env: Path, folder: Path, size: tuple[int, int]):
        own, peer = sys.executable, environment(env)
        self._commands = {
            LABELLED[0]: lambda place: (own, HERE / "race_simgen.py", place, *size),
            LABELLED[1]: lambda place: (peer, HERE / "race_blenderproc.py", place, "expert"),
            LABELLED[2]: lambda place: (peer, HERE / "race_blenderproc.py", place, "defaults"),
            BARE[0]: lambda place: (own, HERE / "race_bare.py", place, "fast"),
            BARE[1]: lambda place: (peer, HERE / "race_bare.py", place, "fast"),
            BARE[2]: lambda place: (peer, HERE / "race_bare.py", place, "accurate"),
        }
        self._folder, self._racers = folder, {}

    def ask(self, name: str, **task) -> dict[str, float]:
        """Returns the wall and CPU seconds of a task."""
        if name not in self._racers:
            command = self._commands[name](self._folder)
            self._racers[name] = Racer(command, self._folder / "racers.log")
            self._racers[name].ask(frames=[0], samples=1)  # warm up: imports, kernels, caches
        return self._racers[name].ask(**task)

    def crew(self, name: str, split: bool) -> race_crews.Crew:
        """Returns processes of one racer's kind: one for each core, or one for all."""
        home = self._folder / "crews" / f"{name.replace(', ', '-')}-{split:d}"
        return race_crews.Crew(self._commands[name], self._folder, home, split)

    def end(self) -> None:
        for racer in self._racers.values():
            racer.end()


def pictures(field: Field, folder: Path, frames: int, samples: Iterable[int]) -> None:
    """Makes each labelled racer's pictures at each number of samples, and its references."""
    for frame in range(frames):
        for name in LABELLED:
            for count in (*samples, REFERENCE):
                path = race_tables.picture(folder, name, frame, count)
                if not path.exists():
                    aside = path.with_name("unfinished.npy")
                    exact = count == REFERENCE
                    field.ask(name, frames=[frame], samples=count, picture=str(aside), exact=exact)
                    aside.rename(path)
                    print(f"{path.name} made", flush=True)


def rounds(field: Field, log: Path, racers: tuple[str, ...], frames: int, samples: int) -> None:
    """Has the racers make frames in turn, who begins changing from turn to turn."""
    done = race_tables.read(log)
    for frame in range(0, frames, TURN):
        if set(racers) <= set(done.get((samples, frame), ())):
            continue
        first = frame // TURN % len(racers)
        order = racers[first:] + racers[:first]
        some = list(range(frame, min(frame + TURN, frames)))
        taken = {
            name: {what: took / len(some) for what, took in asked.items()}
            for name, asked in ((n, field.ask(n, frames=some, samples=samples)) for n in order)
        }
        with log.open("a") as lines:
            print(json.dumps({"samples": samples, "frame": frame, "taken": taken}), file=lines)
        walls = ", ".join(f"{name} {taken[name]['wall']:.2f}" for name in racers)
        print(f"{samples} samples, frame {frame} and on: {walls}", flush=True)


def all_cores(field: Field, folder: Path, count: int, samples: Iterable[int]) -> None:
    """Has crews of the fastest racers make frames with all cores."""
    crews = {
        f"{name}, {how}": field.crew(name, split) for name in CREWED for split, how in SPLIT.items()
    }
    for number in samples:
        race_crews.rounds(crews, folder / "crews.jsonl", count, CREW_FRAMES, number)
    for crew in crews.values():
        crew.end()


def main(options: argparse.Namespace) -> None:
    """Makes what is not there yet, what the clock decides first, and tells the tables."""
    size, folder = tuple(options.size), options.out / f"{options.size[0]}x{options.size[1]}"
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    if not (folder / "frames.json").exists():
        scene = race_scene.Race(size)
        specs = [scene.sample(stream(0, i, "scene")) for i in range(race_scene.FRAMES)]
        race_scene.export(specs, folder)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as simgen's workers have it; for all
    field = Field(options.env, folder, size)
    log = folder / "turns.jsonl"
    for samples in options.samples:
        rounds(field, log, LABELLED + BARE, options.frames, samples)
    for samples in sorted(set(options.quality) - set(options.samples)):
        rounds(field, log, LABELLED, max(2, options.frames // 3), samples)
    if options.crews:
        all_cores(field, folder, options.crews, options.samples)
    tell(folder, size, 0)
    if options.pictures:
        pictures(field, folder, options.pictures, options.quality)
        tell(folder, size, options.pictures)
    field.end()


def tell(folder: Path, size: tuple[int, int], frames: int) -> None:
    """Prints the tables, those of quality too if frames have pictures, and keeps them."""
    text = race_tables.all_of(folder, size, LABELLED, BARE, frames)
    own_loop = f"{BARE[0]}, {SPLIT[False]}"
    text += "".join(f"\n{table}\n" for table in race_crews.tables(folder / "crews.jsonl", own_loop))
    (folder / "race.md").write_text(text)
    print(f"\n{text}", flush=True)


def parsed() -> argparse.Namespace:
    """Returns the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--env", type=Path, default=TOGETHER / "blenderproc-2.8.0")
    parser.add_argument("--out", type=Path, help="kept and gone on with; else a temporary folder")
    parser.add_argument("--size", type=int, nargs=2, default=(320, 240), metavar=("W", "H"))
    parser.add_argument("--frames", type=int, default=24, help="at each of --samples")
    parser.add_argument("--samples", type=int, nargs="*", default=(8, 16))
    parser.add_argument(
        "--crews", type=int, default=3, help=f"rounds of {CREW_FRAMES} frames with all cores"
    )
    parser.add_argument("--quality", type=int, nargs="*", default=(2, 4, 8, 16, 32, 64))
    parser.add_argument("--pictures", type=int, default=2, help="frames whose PSNR is measured")
    parser.add_argument("--quick", action="store_true", help="three turns of 8 samples, no PSNR")
    options = parser.parse_args()
    if options.frames > race_scene.FRAMES:
        parser.error(f"--frames: at most {race_scene.FRAMES}")
    if options.crews * CREW_FRAMES > race_scene.FRAMES:
        parser.error(f"--crews: at most {race_scene.FRAMES // CREW_FRAMES}")
    if options.quick:
        options.frames, options.samples, options.quality, options.pictures = 3 * TURN, (8,), (), 0
        options.crews = 1
    options.out = options.out or Path(tempfile.mkdtemp(prefix="simgen-race-"))
    return options


if __name__ == "__main__":
    main(parsed())
