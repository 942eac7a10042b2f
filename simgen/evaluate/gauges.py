"""The statistics in which synthetic and real pictures are compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.evaluate import framing, jpeg, look
from simgen.evaluate.look import Look
from simgen.evaluate.picture import Picture


@dataclass(frozen=True, eq=False)
class Sight:
    """What a gauge reads: the file's bytes, its look, the boxes without crowds, its size in px."""

    data: bytes
    look: Look
    boxes: np.ndarray
    width: int
    height: int


@dataclass(frozen=True)
class Gauge:
    """One statistic.

    Attributes:
        read: returns its values, any number of them, for a picture.
        unit: of the values.
        step: what makes no difference; a narrower spread of real pictures counts as this.
        labelled: whether it is one of the boxes.
        period: after which values come round again, or None.
        discrete: whether values are whole numbers, so that histograms have a bin for each.
        of: what it counts, 'pictures' or 'boxes': a picture may have several values or none.
    """

    name: str
    read: Callable[[Sight], np.ndarray]
    unit: str
    step: float
    labelled: bool = False
    period: float | None = None
    discrete: bool = False
    of: str = "pictures"


def _look(function: Callable[[Look], Any], unit: str, step: float, **more: Any) -> Gauge:
    name = function.__name__
    return Gauge(name, lambda sight: np.atleast_1d(function(sight.look)), unit, step, **more)


def _framed(function: Callable[..., Any], unit: str, step: float, **more: Any) -> Gauge:
    def read(sight: Sight) -> np.ndarray:
        return function(sight.boxes, sight.width, sight.height)

    return Gauge(function.__name__, read, unit, step, labelled=True, **more)


def _quality(sight: Sight) -> np.ndarray:
    found = jpeg.quality(sight.data)
    return np.array([] if found is None else [float(found)])


def _boxes(function: Callable[..., Any], unit: str, step: float) -> Gauge:
    return _framed(function, unit, step, of="boxes")


GAUGES = (
    _look(look.brightness, "stops below white", 0.1),
    _look(look.contrast, "stops", 0.05),
    _look(look.saturation, "CIELAB chroma", 1.0),
    _look(look.hue, "degrees of CIELAB", 5.0, period=360.0),
    _look(look.white_balance, "stops, red over blue", 0.1),
    _look(look.tint, "stops, green over magenta", 0.05),
    _look(look.sharpness, "octaves, fine over coarse detail", 0.1),
    _look(look.noise, "levels of 255", 0.2),
    Gauge("jpeg_quality", _quality, "quality, 1 to 100", 2.0, discrete=True),
    _look(look.vignetting, "stops lost in the corners", 0.1),
    _boxes(framing.box_size, "octaves of the picture's side", 0.1),
    _boxes(framing.aspect, "octaves, width over height", 0.05),
    _framed(framing.count, "boxes in a picture", 0.5, discrete=True),
    _boxes(framing.position_x, "of the width, from the left", 0.02),
    _boxes(framing.position_y, "of the height, from the top", 0.02),
    _framed(framing.off_middle, "half pictures", 0.02),
    _boxes(framing.truncation, "share of boxes at the edge", 0.05),
)


def sight(picture: Picture) -> Sight:
    """Returns what is to be seen of a picture.

    Raises:
        Unreadable: the file is missing or no picture.
    """
    data = picture.data()
    pixels = picture.decoded(data)
    height, width = pixels.shape[:2]
    boxes = picture.boxes[~picture.crowd].astype(float)
    return Sight(data, Look.of(pixels), boxes, width, height)


def readings(picture: Picture, labelled: bool) -> dict[str, np.ndarray]:
    """Returns the values of every gauge by name, those of the boxes where there are labels."""
    seen = sight(picture)
    gauges = (gauge for gauge in GAUGES if labelled or not gauge.labelled)
    return {gauge.name: np.asarray(gauge.read(seen), float) for gauge in gauges}
