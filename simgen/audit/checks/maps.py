"""Semantic and depth maps against the instance map, pixel by pixel."""

from collections.abc import Iterator

import numpy as np

from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.frame import Frame


@check("record", "semantic", "instance", file="semantic", unit="px")
def semantic(frame: Frame) -> Iterator[Case]:
    """Each pixel's category is that of the body in the instance map."""
    ids = {name: number for number, name in frame.categories.items()}
    bodies = (ids.get(body.category, 0) for body in frame.record.spec.bodies)
    lookup = np.zeros(1 << 16, frame.layers.semantic.dtype)
    lookup[: len(frame.record.spec.bodies) + 1] = [0, *bodies]
    differ = frame.layers.semantic != lookup[frame.layers.instance]
    yield from _pixels(frame, differ, "pixels have another category than the body they show")


@check("record", "instance", "depth", file="depth", unit="px")
def depth_where(frame: Frame) -> Iterator[Case]:
    """Depth is finite exactly where the instance map shows something."""
    finite, shown = np.isfinite(frame.layers.depth), frame.layers.instance > 0
    if frame.layers.paths["depth"].endswith(
        ".png"
    ):  # which cannot hold what is farther than 65.535 m
        shown &= finite
    yield from _pixels(frame, finite != shown, "pixels have a depth or an object, not both")


@check("record", "depth", file="depth", unit="px")
def depth_sound(frame: Frame) -> Iterator[Case]:
    """Depth is a number above 0 in every pixel; nan is none."""
    bad = np.isnan(frame.layers.depth)
    if frame.record.spec.camera.lens.model != "fisheye":  # which sees behind itself
        bad |= frame.layers.depth <= 0
    yield from _pixels(frame, bad, "pixels have a depth that is nan, 0 or less")


def _pixels(frame: Frame, bad: np.ndarray, text: str) -> Iterator[Case]:
    count = np.count_nonzero(bad)
    yield fine(bad.size - count)
    if count:
        v, u = np.argwhere(bad)[0].tolist()
        number = int(frame.layers.instance[v, u]) if frame.has("instance") else None
        yield wrong(f"{count} {text}, first at u={u}, v={v}", instance=number,
                    expected=0, found=count, off=count)  # fmt: skip
