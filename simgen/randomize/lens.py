"""Which lens is on the camera, put there after all else of the scene is drawn."""

from dataclasses import asdict, dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw
from simgen.errors import ProposalRejected
from simgen.lens import distortion
from simgen.spec import Camera, Lens, SceneSpec

STRONGEST = 5.0  # no lens has a coefficient as large as this


@dataclass(frozen=True)
class Pinhole:
    """Leaves the camera as the scene and the randomizers have it."""

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec itself."""
        return spec


@dataclass(frozen=True)
class BrownConrady:
    """Bends straight lines, by the coefficients of OpenCV's calibrateCamera.

    Attributes:
        k1, k2, k3: radial; k1 below 0 makes a barrel, above a pincushion.
        p1, p2: tangential, of a lens that stands askew.
    """

    k1: Number = -0.2
    k2: Number = 0.08
    p1: Number = 0.0
    p2: Number = 0.0
    k3: Number = 0.0

    def __post_init__(self):
        named = {"k1": self.k1, "k2": self.k2, "p1": self.p1, "p2": self.p2, "k3": self.k3}
        require(-STRONGEST, STRONGEST, **named)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with this lens on its camera; all else is equal."""
        d = draw(self, rng)
        lens = Lens("brown_conrady", tuple(float(k) for k in (d.k1, d.k2, d.p1, d.p2, d.k3)))
        return _fitted(spec, replace(spec.camera, lens=lens), asdict(d))


@dataclass(frozen=True)
class Fisheye:
    """An equidistant fisheye, bent by the coefficients of OpenCV's fisheye model.

    Attributes:
        field_of_view_deg: from one corner of the picture to the opposite one; it decides the focal
            length, whatever the camera had.
        k1, k2, k3, k4: of theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8).
    """

    field_of_view_deg: Number = 180.0
    k1: Number = 0.0
    k2: Number = 0.0
    k3: Number = 0.0
    k4: Number = 0.0

    def __post_init__(self):
        require(10, 350, field_of_view_deg=self.field_of_view_deg)
        require(-STRONGEST, STRONGEST, k1=self.k1, k2=self.k2, k3=self.k3, k4=self.k4)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with this lens and its focal length; all else is equal."""
        d = draw(self, rng)
        lens = Lens("fisheye", tuple(float(k) for k in (d.k1, d.k2, d.k3, d.k4)))
        focal_mm = _focal_mm(spec.camera, lens, d.field_of_view_deg)
        camera = replace(spec.camera, lens=lens, focal_mm=focal_mm)
        return _fitted(spec, camera, asdict(d) | {"focal_mm": focal_mm})


def _focal_mm(camera: Camera, lens: Lens, field_of_view_deg: float) -> float:
    """Returns the focal length that brings half the field of view into the picture's corners."""
    bend, half = distortion(lens), np.radians(field_of_view_deg / 2)
    if half >= bend.limit:
        raise ProposalRejected(
            f"a fisheye of k1 to k4 {lens.coefficients} folds the picture over from "
            f"{np.degrees(bend.limit):.0f} degrees off its axis on: lower lens.field_of_view_deg, "
            f"or bring lens.k1 to lens.k4 nearer to 0"
        )
    diagonal_mm = np.hypot(camera.width, camera.height) / camera.width * camera.sensor_mm
    return float(diagonal_mm / 2 / bend.bend(np.array([half + 0j]))[0].real)


def _fitted(spec: SceneSpec, camera: Camera, drawn: dict[str, float]) -> SceneSpec:
    parameters = {f"lens.{name}": value for name, value in drawn.items()}
    return replace(spec, camera=camera, parameters=spec.parameters | parameters)
