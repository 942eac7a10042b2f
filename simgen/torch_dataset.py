"""A dataset folder as a PyTorch dataset: no export, no other package, nothing but indexing.

It imports no torch: torch.utils.data.DataLoader takes whatever has a length and can be indexed.

    from torch.utils.data import DataLoader
    frames = Frames("out/warehouse-0", split="train", maps=("depth",), convert=torch.from_numpy)
    for batch in DataLoader(frames, batch_size=4, num_workers=2, collate_fn=list):
        batch[0]["image"], batch[0]["boxes"]

Pictures have different numbers of objects, so a batch is a list of samples.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.audit.formats import decode_exr, decode_image
from simgen.audit.reading import read
from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError, did_you_mean, one_of
from simgen.export.sample import Sample, decode_sample
from simgen.export.splits import NAMES, Splits
from simgen.store import folder_of
from simgen.truth.rle import decode


class Frames:
    """The frames of a dataset, or of one of its splits, by rising number.

    A sample is a dict:
        image: (3, H, W) uint8 RGB.
        boxes: (N, 4) float32, x0, y0, x1, y1 in pixels, the mask's exact extent.
        labels: (N,) int64, the category's id, from 1 (0 is free for a background).
        masks: (N, H, W) bool, the visible pixels.
        area: (N,) float32 pixels. visible_fraction: (N,) float32.
        iscrowd: (N,) int64, zeros.
        image_id: (1,) int64, the frame's number.
        and one for each of `maps`: depth, distance (H, W) float32 metres, inf = nothing there;
            instance, semantic (H, W) int32.
    """

    def __init__(
        self,
        folder: str | Path,
        split: str = "",
        shares: tuple[float, ...] = (0.8, 0.1, 0.1),
        maps: tuple[str, ...] = (),
        convert: Callable[[np.ndarray], Any] | None = None,
        transform: Callable[[dict[str, Any]], Any] | None = None,
    ):
        """Opens a dataset folder.

        Args:
            split: 'train', 'val', 'test', or '' for all frames. A frame is in the same split as in
                an export with the same shares, by frame; the views of a scene are in one.
            maps: what else to read, of MAPS.
            convert: applied to each array, such as torch.from_numpy; None leaves NumPy arrays.
            transform: applied to each sample, last.

        Raises:
            SimgenError: there is no dataset, no frame in the split, or no such map.
        """
        for name in maps:
            one_of("maps", name, MAPS)
        self.dataset = Dataset.load(folder_of(folder))
        self.numbers = _chosen(self.dataset, split, Splits(shares))
        self.maps, self.convert, self.transform = tuple(maps), convert, transform
        if not self.numbers:
            raise SimgenError(f"{folder} has no frame in split={split!r}")

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, i: int) -> Any:
        """Returns a sample; raises SimgenError where a file of it is missing or damaged."""
        sample = self._sample(self.numbers[i])
        arrays = _labels(sample) | {name: MAPS[name](sample) for name in self.maps}
        if self.convert:
            arrays = {name: self.convert(array) for name, array in arrays.items()}
        return self.transform(arrays) if self.transform else arrays

    @property
    def categories(self) -> dict[int, str]:
        """Names by the ids in `labels`."""
        return {category.id: category.name for category in self.dataset.card.categories}

    def _sample(self, number: int) -> Sample:
        path, root = record_path(number), self.dataset.folder
        return decode_sample(read(root, path), root, self.dataset.card, path)


def _chosen(dataset: Dataset, split: str, splits: Splits) -> tuple[int, ...]:
    numbers = sorted(dataset.done())
    if not split:
        return tuple(numbers)
    if split not in NAMES:
        raise SimgenError(f"split={split!r} is none; {did_you_mean(split, NAMES)}")
    seed, views = dataset.card.seed, dataset.card.views
    return tuple(n for n in numbers if splits.of(seed, n // views) == split)


def _labels(sample: Sample) -> dict[str, np.ndarray]:
    labels, size = sample.labels, (sample.height, sample.width)
    path = sample.picture.path
    bgr = decode_image(read(sample.root, path), path)
    boxes = np.array([label.box for label in labels], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return {
        "image": np.ascontiguousarray(bgr[:, :, ::-1].transpose(2, 0, 1)),
        "boxes": boxes,
        "labels": np.array([label.category_id for label in labels], np.int64),
        "masks": np.array([decode(label.mask) for label in labels], bool).reshape(-1, *size),
        "area": np.array([label.area for label in labels], np.float32),
        "visible_fraction": np.array([label.visible_fraction for label in labels], np.float32),
        "iscrowd": np.zeros(len(labels), np.int64),
        "image_id": np.array([sample.number], np.int64),
    }


def _metres(folder: str, channel: str) -> Callable[[Sample], np.ndarray]:
    def decoded(sample: Sample) -> np.ndarray:
        data, path = sample.read(folder), sample.files[folder]
        if path.endswith(".png"):
            millimetres = decode_image(data, path, cv2.IMREAD_UNCHANGED).astype(np.float32)
            return np.where(millimetres > 0, millimetres / np.float32(1000), np.float32(np.inf))
        exr = decode_exr(data, path, channel, (sample.height, sample.width))
        return np.ascontiguousarray(exr, np.float32)

    return decoded


def _numbers(folder: str) -> Callable[[Sample], np.ndarray]:
    def decoded(sample: Sample) -> np.ndarray:
        data = decode_image(sample.read(folder), sample.files[folder], cv2.IMREAD_UNCHANGED)
        return data.astype(np.int32)

    return decoded


MAPS = {
    "depth": _metres("depth", "Z"),
    "distance": _metres("distance", "Y"),
    "instance": _numbers("instance"),
    "semantic": _numbers("semantic"),
}
