"""One picture to compare or to train on, and what is known of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.audit.reading import Unreadable, read
from simgen.evaluate.orientation import Size, as_labelled, as_seen, left_lying


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture and what is known of it.

    Attributes:
        name: its path inside the folder.
        boxes: (N, 4) float32, x, y, width, height in pixels of the file.
        labels: (N,) int64, indices of `Pictures.categories`.
        crowd: (N,) bool, regions that are neither hits nor misses.
        annotations: (N,) the COCO entries themselves, without their masks.
        frame: its number in a dataset of simgen's, None elsewhere.
        labelled: whether it stands in a file of annotations; its pixels are then those that the
            boxes are of (see orientation.py), else turned as people see them.
        size: width and height that the annotations state, None where they do not.
    """

    root: Path
    name: str
    boxes: np.ndarray
    labels: np.ndarray
    crowd: np.ndarray
    annotations: tuple[dict[str, Any], ...] = ()
    frame: int | None = None
    labelled: bool = False
    size: Size | None = None

    def read(self) -> np.ndarray:
        """Returns (H, W, 3) uint8 RGB.

        Raises:
            Unreadable: the file is missing or no picture.
        """
        return self.decoded(self.data())

    def data(self) -> bytes:
        """Returns the file's bytes; raises Unreadable."""
        with named_with(self.root):
            return read(self.root, self.name)

    def decoded(self, data: bytes) -> np.ndarray:
        """Returns (H, W, 3) uint8 RGB of the file's bytes; raises Unreadable."""
        pixels = as_labelled(data, self.size) if self.labelled else as_seen(data)
        if pixels is None:
            raise Unreadable(f"{self.root}/{self.name}", "it is no picture that can be decoded")
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)

    def relabelled(self, table: np.ndarray) -> "Picture":
        """Returns it with labels `table[label]`; what is below 0 there is left out."""
        labels = table[self.labels]
        kept = labels >= 0
        return replace(
            self,
            boxes=self.boxes[kept],
            labels=labels[kept],
            crowd=self.crowd[kept],
            annotations=tuple(a for a, keep in zip(self.annotations, kept) if keep),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the file; equal files count as one picture."""
        return self._digests[0]

    @property
    def seen(self) -> str:
        """The digest, but another one where the same file elsewhere may show turned pixels."""
        return self._digests[1]

    @cached_property
    def _digests(self) -> tuple[str, str]:
        data = self.data()
        of_file = sha256(data).hexdigest()
        lying = self.labelled and left_lying(data, self.size)
        return of_file, sha256(f"{of_file} unturned".encode()).hexdigest() if lying else of_file


@contextmanager
def named_with(root: Path) -> Iterator[None]:
    """Says in which folder a file is that cannot be read, as there are two."""
    try:
        yield
    except Unreadable as error:
        raise Unreadable(f"{root}/{error.file}", error.reason) from error
