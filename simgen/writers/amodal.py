"""amodal/: each labelled object's whole silhouette inside the frame, hidden parts too."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.dataset import Dataset
from simgen.frame import AmodalMask, Frame


@dataclass(frozen=True)
class Amodal:
    """TIFF with an 8-bit page, 0 or 255, for each label of the frame's record, in its order.

    A frame without labels has no file: there is no TIFF without a page.
    """

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one file, or none."""
        shape = frame.truth.instance.shape
        pages = [_page(frame.truth.amodal[label.id], shape) for label in frame.instances]
        if not pages:
            return {}
        options = (cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_PACKBITS)
        data = cv2.imencodemulti(".tiff", pages, options)[1].tobytes()
        return {f"amodal/{frame.index:06d}.tiff": data}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""


def _page(amodal: AmodalMask, shape: tuple[int, int]) -> np.ndarray:
    x, y, w, h = amodal.box
    page = np.zeros(shape, np.uint8)
    page[y : y + h, x : x + w] = amodal.mask * np.uint8(255)
    return page
