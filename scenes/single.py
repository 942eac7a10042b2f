"""One object on a plane: for looking at a prop, for debugging and for tests."""

from dataclasses import dataclass

import numpy as np

from simgen.checks import require, require_resolution
from simgen.distributions import Number, draw
from simgen.errors import SimgenError, one_of
from simgen.geometry import look_at, yaw
from simgen.props import mesh_of, names
from simgen.spec import Body, Camera, Light, Material, SceneSpec, Shape, Value, World


@dataclass(frozen=True)
class Single:
    """A prop in the middle of a floor, seen from three quarters.

    Attributes:
        prop, params: which shape; the prop's name is its category.
        yaw_deg: how it is turned.
        floor_m: edge of the square floor, which is larger where the prop needs it.
    """

    prop: str = "pallet"
    params: dict[str, Value] | None = None
    yaw_deg: Number = 30.0
    floor_m: Number = 24.0
    resolution: tuple[int, int] = (640, 480)

    def __post_init__(self):
        require(-360, 360, yaw_deg=self.yaw_deg)
        require(0.1, floor_m=self.floor_m)
        require_resolution(self.resolution)
        one_of("prop", self.prop, names())
        if not isinstance(self.params, dict | None):
            raise SimgenError("params must be a mapping, such as {x: 0.4}")

    @property
    def categories(self) -> tuple[str, ...]:
        """The prop's name, alone."""
        return (self.prop,)

    def sample(self, rng: np.random.Generator) -> SceneSpec:
        """Returns the object, its floor, one area light and a camera that frames it."""
        turn, edge = draw((self.yaw_deg, self.floor_m), rng)
        shape = Shape.of(self.prop, **draw(self.params or {}, rng))
        size = _size(shape)
        reach = float(np.linalg.norm(size))
        edge = max(edge, 4 * reach)
        floor = Body(
            "floor",
            Shape.of("block", x=edge, y=edge, z=0.1),
            position=(0.0, 0.0, -0.1),
            materials={"surface": Material("concrete", (0.35, 0.34, 0.32), roughness=0.7)},
        )
        thing = Body(
            self.prop, shape, rotation=yaw(float(np.radians(turn))), category=self.prop, slack_m=0.1
        )
        width, height = self.resolution
        eye = (1.1 * reach, -1.5 * reach, 0.9 * reach)
        target = (0.0, 0.0, float(size[2]) / 2)
        camera = Camera(eye, look_at(eye, target), width, height)
        above = (0.8 * reach, -0.6 * reach, 2.0 * reach)
        light = Light("area", above, power=60 * reach**2, size=(reach, reach))
        half = edge / 2
        return SceneSpec(
            bodies=(floor, thing),
            lights=(light,),
            world=World(color=(0.8, 0.85, 0.9), strength=0.4),
            camera=camera,
            room=((-half, -half, 0.0), (half, half, max(4.0, 4 * reach))),
            parameters={"scene.yaw_deg": turn, "scene.floor_m": edge},
        )


def _size(shape: Shape) -> np.ndarray:
    try:
        return mesh_of(shape).size
    except SimgenError as error:
        raise SimgenError(f"scene.params: {error}") from error
