"""Features a second, as the distances of `python -m simgen.evaluate` compute them, and KID itself.

python benchmarks/distance_speed.py [PICTURES] [FOLDER]

Without a folder, pictures of 640 x 480 are drawn that look and weigh like frames of the warehouse
(JPEG, quality 95). Nothing is taken from the cache. CPU-seconds are of all cores together: two do
2 / CPU-seconds pictures a second while nothing else runs on them.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import cv2
import numpy as np

from simgen.evaluate.features import EfficientNetFeatures, features
from simgen.evaluate.kernel import kid
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.subjects import wholes


def frame(rng: np.random.Generator) -> np.ndarray:
    """Returns (480, 640, 3) uint8: boxes before a shaded room, with a sensor's noise."""
    grain = rng.integers(60, 190, (24, 32, 3), np.uint8)
    pixels = cv2.resize(grain, (640, 480), interpolation=cv2.INTER_CUBIC)
    for _ in range(40):
        x, y, w, h = rng.integers(0, 640), rng.integers(0, 480), *rng.integers(10, 160, 2)
        cv2.rectangle(pixels, (x, y), (x + w, y + h), rng.integers(0, 256, 3).tolist(), -1)
    return (pixels + rng.normal(0, 4, pixels.shape)).clip(0, 255).astype(np.uint8)


def drawn(folder: Path, count: int) -> Path:
    """Returns the folder with so many pictures in it."""
    rng = np.random.default_rng(0)
    for i in range(count):
        cv2.imwrite(str(folder / f"{i:06d}.jpg"), frame(rng), [cv2.IMWRITE_JPEG_QUALITY, 95])
    return folder


def measured(folder: Path, count: int) -> None:
    """Says what the pictures of a folder cost."""
    pictures = Pictures.open(folder)
    pictures = pictures.subset(range(min(count, len(pictures))))
    network = EfficientNetFeatures()
    network(np.zeros((1, network.size, network.size, 3), np.uint8))
    cpu, wall = process_time(), perf_counter()
    found = np.concatenate(features(wholes(pictures), network, None, "pictures"))
    cpu, wall = process_time() - cpu, perf_counter() - wall
    size = sum((p.root / p.name).stat().st_size for p in pictures.pictures) / len(pictures)
    print(f"{len(pictures)} pictures, {size / 1024:.0f} KiB each")
    print(f"features: {cpu / len(pictures):.4f} CPU-seconds a picture")
    print(f"          {2 * len(pictures) / cpu:.1f} pictures/s on two idle cores")
    print(f"          {len(pictures) / wall:.1f} pictures/s here and now")
    cpu = process_time()
    half = len(found) // 2
    estimate = kid(found[:half], found[half:], np.random.default_rng(0))
    print(f"KID of one half and the other: {estimate.value:.5f} ± {estimate.error:.5f}")
    print(f"          {process_time() - cpu:.2f} CPU-seconds")


if __name__ == "__main__":
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    if len(sys.argv) > 2:
        measured(Path(sys.argv[2]), amount)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            measured(drawn(Path(temporary), amount), amount)
