"""Where the processor time of a frame goes, stage by stage, on one thread.

    python benchmarks/frame_cost.py [frames] [key=value ...]

What was tried to make everything lighter that is not light, with what it gave: CPU-seconds of one
thread, variants in turn in one process, `peers/race.py`'s scene (40 objects, 75,000 triangles,
320x240, 8 samples, 1.4 CPU-seconds bare) unless said otherwise. The same pixels wherever kept.

| tried | gave | |
|---|---|---|
| emptying the scene instead of resetting Blender | 0.048 to 0.005 | kept |
| arrays into Blender as whole attributes, not through properties | 0.105 to 0.016 | kept |
| meshes of bodies in other materials share their arrays | the three: build 0.15 to 0.03 | kept |
| NumPy's algebra on one thread in workers | labels and files 0.14 to 0.10 | kept |
| labels cast in a thread while Blender renders | 4 to 7 % of the wall time | kept |
| depth and id passes left out | render 1.407 against 1.404 | they check the labels |
| persistent data, everything new in the scene | 0.28 against 0.29 (1 sample): noise | as it is |
| a constant tangent, so that Cycles computes none | -2 %; warehouse +2 %: noise | no |
| map that an HDRI is sampled by, 256 wide instead of 512 | 0.044 to 0.028 | other pixels: no |
| PNG of normals at levels 1, 2, 3, and as run lengths | 5.0 to 6.3 ms, 48 kB each | level 3 stays |
| files synced side by side in threads | 6 ms against 5 ms a frame (wall) | no |
| Blender's queue of changes emptied every 100 scenes | build 0.25 to 0.18, frame 1,500 | kept |
| copies of node trees that differ in values alone | build: warehouse 0.65 to 0.14 | kept |
| the same, tabletop; the race's scene | 0.17 to 0.03; 0.03 to 0.02 | kept |
| a frame checked and sensed while the next one is rendered, with these copies | wall -2 % | kept |
| Blender's threads pinned to cores | 0.37 against 0.37 s a frame, two workers | no |
"""

import statistics
import sys
import tempfile
from pathlib import Path
from time import process_time

from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from simgen import dataset, exposure
from simgen.blender import renderer
from simgen.card import make_card
from simgen.recipe import Recipe


def main(frames: int, overrides: list[str]) -> None:
    """Prints the median of each stage."""
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=unused", "seed=7", "renderer.threads=1", *overrides])
    config = OmegaConf.to_container(config, resolve=True)
    made = Recipe.from_config(config)
    for module in (exposure, dataset, renderer):
        module.perf_counter = process_time  # the stages' own clocks, of the processor instead
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        card = make_card(config, made.categories, {})
        data = dataset.Dataset.open(Path(folder) / "data", card, config)
        for index in range(-1, frames):
            start = process_time()
            frame = exposure.make_frame(made, index if index >= 0 else 10**6)  # warms up
            record = data.commit(frame, made.writers.values())
            rows.append({**record.run.seconds, "whole frame": process_time() - start})
    for stage in rows[-1]:
        print(f"{stage:12} {statistics.median(row[stage] for row in rows[1:]):.4f} CPU-seconds")


if __name__ == "__main__":
    numbers = [argument for argument in sys.argv[1:] if "=" not in argument]
    main(int(numbers[0]) if numbers else 8, [a for a in sys.argv[1:] if "=" in a])
