"""Makes the README's picture: RGB, depth, instances and boxes of frames of a finished dataset.

python benchmarks/overview.py out/warehouse-0 assets/readme/overview.jpg 3 5
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import OpenEXR

from simgen.color import hsv
from simgen.dataset import Dataset

GOLDEN = 0.618034


def overview(folder: str, frames: list[int]) -> np.ndarray:
    """Returns (H, W, 3) uint8 BGR, one row of four pictures for each frame."""
    return np.vstack([_row(Dataset.load(folder), frame) for frame in frames])


def _row(dataset: Dataset, index: int) -> np.ndarray:
    record = dataset.read(index)
    paths = {name.split("/")[0]: str(dataset.path(name)) for name in record.files}
    image = cv2.imread(paths["images"])
    instance = cv2.imread(paths["instance"], cv2.IMREAD_UNCHANGED)
    depth = OpenEXR.File(paths["depth"]).channels()["Z"].pixels
    return np.hstack([image, _depth(depth), _instances(instance), _boxes(image, record.labels)])


def _depth(depth: np.ndarray) -> np.ndarray:
    near, far = np.quantile(depth[np.isfinite(depth)], [0.01, 0.99])
    share = np.clip((np.log(depth) - np.log(near)) / (np.log(far) - np.log(near)), 0, 1)
    return cv2.applyColorMap(np.uint8(255 * (1 - share)), cv2.COLORMAP_TURBO)


def _color(k: int) -> list[int]:
    return [round(255 * v**0.45) for v in hsv(k * GOLDEN, 0.75, 0.95)][::-1]


def _instances(instance: np.ndarray) -> np.ndarray:
    table = np.uint8([_color(k) if k else (0, 0, 0) for k in range(int(instance.max()) + 1)])
    return table[instance]


def _boxes(image: np.ndarray, labels) -> np.ndarray:
    drawn = image.copy()
    categories = sorted({label.category for label in labels})
    for label in sorted(labels, key=lambda each: -each.area):
        if label.visible_fraction < 0.2 or label.area < 60:
            continue
        x, y, w, h = label.box
        color = _color(3 + 2 * categories.index(label.category))
        cv2.rectangle(drawn, (x, y), (x + w - 1, y + h - 1), color, 2, cv2.LINE_AA)
        if w > 70:
            place = (x + 3, y + 14)
            cv2.putText(drawn, label.category, place, 0, 0.45, (0, 0, 0), 4, cv2.LINE_AA)
            cv2.putText(drawn, label.category, place, 0, 0.45, color, 1, cv2.LINE_AA)
    return drawn


if __name__ == "__main__":
    source, target, *frames = sys.argv[1:]
    picture = overview(source, [int(frame) for frame in frames])
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(target, cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
