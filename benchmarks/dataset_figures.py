"""Holds a finished dataset against the promises: masks, agreement of the two engines, exposure.

python -m simgen frames=50 seed=1 out=out/check && python benchmarks/dataset_figures.py out/check
"""

import contextlib
import io
import sys

import cv2
import numpy as np
from pycocotools.coco import COCO

from simgen.dataset import Dataset

DARK, BRIGHT = 4, 251  # 8-bit levels that count as black and as blown


def masks(dataset: Dataset) -> tuple[int, int]:
    """Returns how many annotations there are, and how many are not the instance map's pixels."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(dataset.folder / "annotations" / "instances.json"))
    wrong = 0
    for frame in sorted(dataset.done()):
        instance = cv2.imread(str(dataset.path(f"instance/{frame:06d}.png")), cv2.IMREAD_UNCHANGED)
        for annotation in coco.imgToAnns[frame]:
            mask = coco.annToMask(annotation).astype(bool)
            same = (mask == (instance == annotation["instance_id"])).all()
            wrong += not (same and annotation["area"] == mask.sum())
    return len(coco.anns), wrong


def exposure(dataset: Dataset) -> np.ndarray:
    """Returns (N, 4): mean level, share of black, of blown pixels, and of lone bright pixels."""
    rows = []
    for frame in sorted(dataset.done()):
        name = next(n for n in dataset.read(frame).files if n.startswith("images/"))
        grey = cv2.imread(str(dataset.path(name)), cv2.IMREAD_GRAYSCALE)
        around = cv2.medianBlur(grey, 5)
        lone = (grey.astype(int) - around > 90).mean()
        rows.append((grey.mean(), (grey <= DARK).mean(), (grey >= BRIGHT).mean(), lone))
    return np.array(rows)


def main(folder: str) -> None:
    """Prints the figures of one dataset."""
    dataset = Dataset.load(folder)
    records = list(dataset.records())
    count, wrong = masks(dataset)
    print(f"annotations: {count}, of which annToMask differs from the instance map: {wrong}")
    pixels = np.array([record.agreement.pixels for record in records])
    depth = np.array([record.agreement.depth_median for record in records])
    print(
        f"engines agree on {pixels.min():.5f} (worst frame), {pixels.mean():.5f} (mean) of pixels"
    )
    print(f"median relative depth difference: {depth.max():.1e} (worst frame)")
    mean, black, blown, lone = exposure(dataset).T
    print(f"mean level: {mean.min():.0f} to {mean.max():.0f} of 255")
    print(f"black pixels: at most {black.max():.1%}, blown: at most {blown.max():.1%} of a frame")
    print(f"lone bright pixels: at most {lone.max():.4%} of a frame")
    seconds = np.array([sum(record.run.seconds.values()) for record in records])
    print(f"seconds a frame: median {np.median(seconds):.1f}, worst {seconds.max():.1f}")
    print(f"damaged files: {sum(1 for _ in dataset.verify())}")


if __name__ == "__main__":
    main(sys.argv[1])
