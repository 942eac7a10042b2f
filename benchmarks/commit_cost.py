"""Milliseconds to put one 640x480 frame on the disk, by writer.

python benchmarks/commit_cost.py [folder]
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import cv2
import numpy as np
from rich import print

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.frame import Agreement, AmodalMask, Frame, Truth
from simgen.record import Record, Run, decode_record, encode_record
from simgen.spec import Body, Camera, Material, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.writers.coco import Coco
from simgen.writers.depth import Depth
from simgen.writers.images import Images
from simgen.writers.instance import Instance
from simgen.writers.semantic import Semantic

BODIES, LABELLED, REPEATS = 300, 60, 20
WRITERS = {
    "images jpg 95": Images(),
    "images png": Images("png"),
    "depth exr float": Depth(),
    "depth exr half": Depth(precision="half"),
    "depth png": Depth("png"),
    "instance": Instance(),
    "semantic": Semantic(),
}
DEFAULT = (Images(), Depth(), Instance(), Semantic(), Coco())


def busy_frame(rng: np.random.Generator) -> Frame:
    """Returns a frame of ellipses on a slope, with the grain of a camera."""
    camera = Camera(width=640, height=480)
    v, u = np.mgrid[:480, :640]
    depth = (4 + u / 200 + v / 300).astype(np.float32)
    depth[:60] = np.inf
    instance = np.ones((480, 640), np.uint16)
    amodal = {}
    for i in range(2, BODIES + 1):
        cx, cy = rng.uniform(0, 640), rng.uniform(0, 480)
        a, b = rng.uniform(5, 40, 2)
        inside = ((u - cx) / a) ** 2 + ((v - cy) / b) ** 2 < 1
        if inside.any():
            instance[inside] = i
            depth[inside] = (rng.uniform(3, 8) + 0.01 * (u - cx) / a)[inside]
            x, y, w, h = cv2.boundingRect(inside.astype(np.uint8))
            amodal[i] = AmodalMask((x, y, w, h), inside[y : y + h, x : x + w], 0)
    seen = [i for i in np.unique(instance).tolist() if i in amodal][:LABELLED]
    spec = SceneSpec(tuple(body(i + 1, i + 1 in seen, rng) for i in range(BODIES)), camera=camera)
    truth = Truth(instance, depth, np.int32(instance) - 1, {i: amodal[i] for i in seen})
    shade = rng.integers(40, 220, (BODIES + 1, 3))[instance] + rng.normal(0, 3, (480, 640, 3))
    image = cv2.GaussianBlur(np.clip(shade, 0, 255).astype(np.uint8), (0, 0), 0.6)
    agreement = Agreement(1.0, 1.0, 1.0, 0.0, 0.0)
    return Frame(0, spec, truth, annotate(spec, truth), image, agreement, "none")


def body(i: int, labelled: bool, rng: np.random.Generator) -> Body:
    """Returns one of BODIES bodies, which share 40 materials and 9 shapes."""
    x, y, z = rng.uniform(-5, 5, 3).tolist()
    slots = {"surface": Material("wood", (0.1, 0.01 * int(rng.integers(40)), 0.3))}
    shape = Shape.of("block", x=1.0, y=0.1 * (1 + i % 9), z=0.5)
    return Body(f"body {i}", shape, (x, y, z), category="a" * labelled, materials=slots)


def milliseconds(action: Callable[[], object]) -> float:
    """Returns the median over REPEATS, after one run to warm up."""
    action()
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return 1000 * median(times)


def main(folder: Path) -> None:
    frame = busy_frame(np.random.default_rng(0))
    print(f"{len(frame.instances)} instances of {len(frame.spec.bodies)} bodies")
    for name, writer in WRITERS.items():
        data = next(iter(writer.files(frame, ("a",)).values()))
        took = milliseconds(lambda w=writer: w.files(frame, ("a",)))
        print(f"{name:>18} {took:7.1f} ms {len(data) / 1000:8.1f} kB")
    run = Run("none", {}, 0.0, {})
    record = Record(0, frame.spec, frame.instances, frame.agreement, {}, run)
    data = encode_record(record)
    took = milliseconds(lambda: encode_record(record))
    print(f"{'record':>18} {took:7.1f} ms {len(data) / 1000:8.1f} kB")
    print(f"{'record, read':>18} {milliseconds(lambda: decode_record(data, '')):7.1f} ms")
    config = {"seed": 0}
    dataset = Dataset.open(folder, make_card(config, ("a",), {}), config)
    print(
        f"{'commit, all of it':>18} {milliseconds(lambda: dataset.commit(frame, DEFAULT)):7.1f} ms"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with TemporaryDirectory() as temporary:
            main(Path(temporary) / "dataset")
