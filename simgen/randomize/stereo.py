"""A second camera beside the first, for disparity."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw
from simgen.errors import ProposalRejected
from simgen.spec import SceneSpec
from simgen.truth.inside import camera_inside
from simgen.views import right_eye


@dataclass(frozen=True)
class Stereo:
    """Makes the camera the left one of a rectified pair.

    Attributes:
        baseline_m: distance of the right camera, along the left one's x axis.
    """

    baseline_m: Number = 0.12

    per_view = True

    def __post_init__(self):
        require(1e-6, 1000, baseline_m=self.baseline_m)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with another baseline; all else is equal."""
        baseline = float(draw(self.baseline_m, rng))
        parameters = spec.parameters | {"stereo.baseline_m": baseline}
        spec = replace(
            spec, camera=replace(spec.camera, baseline_m=baseline), parameters=parameters
        )
        solid = camera_inside(right_eye(spec))
        if solid:
            raise ProposalRejected(
                f"the right camera is inside {solid!r}: lower randomize.stereo.baseline_m, or "
                f"raise randomize.camera.clearance_m above it"
            )
        return spec
