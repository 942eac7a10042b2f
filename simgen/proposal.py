"""Scenes are proposed until one is worth its light: a rejected proposal costs milliseconds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from simgen.checks import require
from simgen.errors import ProposalRejected, SimgenError
from simgen.frame import Truth
from simgen.lens import cosines
from simgen.spec import SceneSpec
from simgen.truth.raycast import camera_inside, raycast

T = TypeVar("T")
LOW_WIDTH = 96  # pixels of the preview that decides


@dataclass(frozen=True)
class Accept:
    """What a frame must show before it is rendered, judged by truth at low resolution.

    Attributes:
        min_objects: bodies with a category, each with at least `min_object_share` of the picture.
        near_m, near_share: at most this share of the picture may be closer than near_m.
        max_attempts: proposals before the run stops with the commonest reason.
    """

    min_objects: int = 1
    min_object_share: float = 0.0005
    near_m: float = 0.7
    near_share: float = 0.15
    max_attempts: int = 40

    def __post_init__(self):
        require(0, whole=True, fixed=True, min_objects=self.min_objects)
        require(0, fixed=True, near_m=self.near_m)
        require(0, 1, fixed=True, min_object_share=self.min_object_share)
        require(0, 1, fixed=True, near_share=self.near_share)
        require(1, whole=True, fixed=True, max_attempts=self.max_attempts)

    def __call__(self, spec: SceneSpec) -> None:
        """Raises ProposalRejected, saying why, if the spec will not do."""
        self.clear(spec)
        height = max(1, round(LOW_WIDTH * spec.camera.height / spec.camera.width))
        self.view(spec, raycast(spec, LOW_WIDTH, height, amodal=False))

    def clear(self, spec: SceneSpec) -> None:
        """Raises ProposalRejected if the camera stands in something."""
        solid = camera_inside(spec)
        if solid:
            raise ProposalRejected(
                f"the camera is inside {solid!r}: bound randomize.camera (height_m, distance_m) "
                f"or the scene's camera so that it stays in free space"
            )

    def view(self, spec: SceneSpec, truth: Truth) -> None:
        """Raises ProposalRejected, saying why, if this truth of the spec, of any resolution, will
        not do."""
        height, width = truth.instance.shape
        distance = np.abs(truth.depth / cosines(spec.camera, width, height))
        if (distance < self.near_m).mean() > self.near_share:
            raise ProposalRejected(
                f"something closer than {self.near_m:g} m fills the view: "
                f"raise accept.near_share or lower accept.near_m"
            )
        pixels = np.bincount(truth.instance.ravel(), minlength=len(spec.bodies) + 1)[1:]
        labelled = np.array([bool(body.category) for body in spec.bodies], bool)
        needed = max(self.min_object_share * truth.instance.size, 1)
        if (pixels[labelled] >= needed).sum() < self.min_objects:
            raise ProposalRejected(
                f"fewer than {self.min_objects} objects in view: lower accept.min_objects or "
                f"accept.min_object_share, or add objects to the scene"
            )


def propose(draw: Callable[[int], SceneSpec], accept: Accept, frame: int) -> SceneSpec:
    """Returns the first proposal of `draw(attempt)` that is accepted; raises as `proposals`."""
    return proposals(draw, accept, frame, accept.max_attempts)[0][0]


def proposals(
    draw: Callable[[int], SceneSpec],
    judge: Callable[[SceneSpec], T],
    frame: int,
    attempts: int,
    count: int = 1,
) -> list[tuple[SceneSpec, T]]:
    """Returns the first proposals of `draw(attempt)` that `judge` does not reject, and what it says
    of each: `count` of them, or those found in so many attempts.

    Raises:
        SimgenError: none was; names the commonest reason and its remedy.
    """

    def judged(attempt: int) -> tuple[SceneSpec, T]:
        spec = draw(attempt)
        return spec, judge(spec)

    try:
        return attempted(judged, attempts, "proposals", count)
    except ProposalRejected as rejection:
        raise SimgenError(f"frame {frame}: {rejection}") from rejection


def attempted(draw: Callable[[int], T], attempts: int, what: str, count: int = 1) -> list[T]:
    """Returns the first results of `draw(attempt)` that are not rejected: `count` of them, or those
    found in so many attempts.

    Raises:
        ProposalRejected: all were; names the commonest reason and its remedy.
    """
    found: list[T] = []
    reasons: dict[str, list[str]] = {}  # by remedy, since the rest of a reason holds drawn numbers
    for attempt in range(attempts):
        try:
            found.append(draw(attempt))
            if len(found) == count:
                return found
        except ProposalRejected as rejection:
            reason = str(rejection)
            reasons.setdefault(reason.rpartition(": ")[2], []).append(reason)
    if found:
        return found
    commonest = max(reasons.values(), key=len)
    raise ProposalRejected(
        f"none of {attempts} {what} will do, {len(commonest)} of them for this reason: "
        f"{commonest[-1]}"
    )
