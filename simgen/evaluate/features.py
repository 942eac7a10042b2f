"""Features of pictures, and of the objects in them, from a named network."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import cv2
import numpy as np
import torch

from simgen.errors import SimgenError
from simgen.evaluate.efficientnet import normalized, pretrained
from simgen.evaluate.feature_cache import FeatureCache
from simgen.evaluate.subjects import Subject
from simgen.progress import track

log = logging.getLogger(__name__)
T, U = TypeVar("T"), TypeVar("U")
_BATCH, _THREADS, _AHEAD = 8, 2, 8  # larger batches take more time, not less, on a CPU
_Read = tuple[Subject, list[np.ndarray]]  # what is fed to the network


class Backbone(Protocol):
    """A network that turns pictures into features.

    Attributes:
        name: what figures are called by, in lower case.
        size: pixels a side of what it is fed.
        dims: D, how many features a picture gets.
        weights_sha256: of the file of its parameters.
        preprocessing: what becomes of a picture first, in words; cached features are told apart
            by it.
    """

    name: str
    size: int
    dims: int
    weights_sha256: str
    preprocessing: str

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Returns (size, size, 3) from (H, W, 3) uint8 RGB of any size."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Returns (N, D) float32 from (N, size, size, 3), prepared."""


class EfficientNetFeatures:
    """What EfficientNet-Lite0, trained on ImageNet, hands to its classifier."""

    name, size, dims = "efficientnet_lite0", 224, 1280
    preprocessing = "area down, bilinear up, to 224 x 224; (v - 127) / 128"

    def __init__(self):
        model, weights = pretrained()
        self._model = model.to(memory_format=torch.channels_last)
        self.weights_sha256 = weights.sha256

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Returns (224, 224, 3) uint8."""
        return resized(picture, self.size)

    @torch.inference_mode()
    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Returns (N, 1280) float32."""
        return self._model.pooled(normalized(torch.from_numpy(batch))).numpy()


def resized(picture: np.ndarray, size: int) -> np.ndarray:
    """Returns (size, size, 3) uint8: averaged where it shrinks, bilinear where it grows."""
    height, width = picture.shape[:2]
    picture = cv2.resize(picture, (min(width, size), min(height, size)), None, 0, 0, cv2.INTER_AREA)
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_LINEAR)


def features(
    subjects: Sequence[Subject], backbone: Backbone, cache: FeatureCache | None, what: str
) -> list[np.ndarray]:
    """Returns (n, D) float32 of each subject, n 1 for a whole picture, else one for each object.

    Equal subjects get the same bits. Few pictures are in memory at a time. What is done is kept in
    the cache, batch by batch.

    Args:
        what: what progress counts, such as 'pictures'.

    Raises:
        SimgenError: a picture cannot be read, or its features are no numbers.
    """
    keys = [subject.key for subject in subjects]
    missing = dict(zip(keys, subjects))
    found = {key: known for key in missing if cache and (known := cache.get(key)) is not None}
    missing = {key: subject for key, subject in missing.items() if key not in found}
    made = _made(missing.values(), backbone, cache)
    found.update(track(made, len(found) + len(missing), len(found), what))
    return [found[key] for key in keys]


def _made(
    subjects: Iterable[Subject], backbone: Backbone, cache: FeatureCache | None
) -> Iterator[tuple[str, np.ndarray]]:
    def read(subject: Subject) -> _Read:
        return subject, [backbone.prepare(pixels) for pixels in subject.read()]

    for batch in _batches(_ahead(read, subjects)):
        found = _computed(batch, backbone)
        cache = _keep(found, cache)
        yield from found.items()


def _ahead(function: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """Yields a function's results in order, while threads work on the next few."""
    with ThreadPoolExecutor(_THREADS) as pool:
        coming = deque()
        for item in items:
            coming.append(pool.submit(function, item))
            if len(coming) > _AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _batches(read: Iterable[_Read]) -> Iterator[list[_Read]]:
    batch, count = [], 0
    for subject, inputs in read:
        batch.append((subject, inputs))
        count += len(inputs)
        if count >= _BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _computed(batch: Sequence[_Read], backbone: Backbone) -> dict[str, np.ndarray]:
    inputs = [pixels for _, parts in batch for pixels in parts]
    chunks = [inputs[i : i + _BATCH] for i in range(0, len(inputs), _BATCH)]
    rows = [np.zeros((0, backbone.dims), np.float32)] + [backbone(np.stack(c)) for c in chunks]
    ends = np.cumsum([len(parts) for _, parts in batch])[:-1]
    found = np.split(np.concatenate(rows), ends)
    for (subject, _), features in zip(batch, found):
        if not np.isfinite(features).all():
            raise SimgenError(
                f"{subject.picture.root}/{subject.picture.name}: {backbone.name} finds features "
                "that are no numbers: its weights are damaged, or not for this"
            )
    return {subject.key: features for (subject, _), features in zip(batch, found)}


def _keep(found: dict[str, np.ndarray], cache: FeatureCache | None) -> FeatureCache | None:
    """Returns the cache, or None once it can take no more."""
    try:
        if cache:
            cache.put(found)
        return cache
    except (OSError, SimgenError) as error:
        log.warning("features are not kept for the next run: %s", error)
        return None
