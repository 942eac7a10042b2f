"""The scene as plain data: what a frame is before it is a picture.

Conventions, stated here once:
    lengths are metres, angles radians unless the name ends in ``_deg``, powers watts;
    the world is right-handed, z up, the floor at z = 0;
    a rotation is a unit quaternion (w, x, y, z) taking local axes to world axes;
    camera axes are OpenCV's: x right, y down, z forward along the optical axis;
    pixel (column u, row v) covers [u, u+1) x [v, v+1); its centre is (u + 0.5, v + 0.5);
    colours are linear RGB (Rec. 709 primaries) in [0, 1].
"""

from dataclasses import dataclass, field
from math import isfinite

from simgen.errors import SimgenError, one_of

Vec3 = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Value = bool | int | float | str | tuple["Value", ...]

IDENTITY: Quaternion = (1.0, 0.0, 0.0, 0.0)
MATERIAL_KINDS = (
    "plain", "wood", "cardboard", "plastic", "paint", "metal", "rubber", "concrete",
    "stone", "cloth", "carpet",
    "checker", "stripes", "dots", "noise", "image", "texture", "imported", "emitter",
)  # fmt: skip
LIGHT_KINDS = ("area", "spot", "point", "sun")
LENS_MODELS = {"pinhole": 0, "brown_conrady": 5, "fisheye": 4}  # and how many coefficients


@dataclass(frozen=True)
class Material:
    """A physically based surface; `kind` picks the procedural pattern, the rest bounds it.

    Attributes:
        kind: one of MATERIAL_KINDS.
        color: base colour. `accent`: the second colour of checker, stripes, dots and noise, of
            stone's veins, cloth's bands and carpet's lattice; what shows where paint is chipped.
        roughness: 0 mirror to 1 matt.
        wear: 0 as new to 1 dirty, scratched and stained.
        scale_m: size of a checker's, stripe's, dot's, noise's, stone's, cloth's or carpet's cell,
            width of a texture's picture; the others have their own.
        offset: where in the pattern this surface is cut from, so that two boards differ.
        image: file for kind 'image', mapped once over uv [0, 1]: a path, or a name in assets/; for
            kind 'imported', '<digest>/<name>' of a material that came with an asset; for kind
            'texture', a path of what is tiled over the uv map, which is taken to be in metres.
        roughness_image, normal_image: paths of maps that go with a texture, '' for none; a normal
            map is in tangent space, its green upwards (OpenGL).
        emission: radiance for kind 'emitter', W / (sr m^2).
    """

    kind: str = "plain"
    color: Vec3 = (0.5, 0.5, 0.5)
    accent: Vec3 = (0.2, 0.2, 0.2)
    roughness: float = 0.5
    wear: float = 0.2
    scale_m: float = 0.1
    offset: Vec3 = (0.0, 0.0, 0.0)
    image: str = ""
    emission: float = 0.0
    roughness_image: str = ""
    normal_image: str = ""

    def __post_init__(self):
        one_of("Material.kind", self.kind, MATERIAL_KINDS)


@dataclass(frozen=True)
class Shape:
    """A reference to geometry: a module of simgen.props and the arguments of its `build`."""

    prop: str
    params: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, prop: str, **params: Value) -> "Shape":
        return cls(prop, tuple(sorted(params.items())))


@dataclass(frozen=True)
class Motion:
    """How something moves from the instant of the picture on.

    Attributes:
        velocity: of its origin, metres a second along the world's axes.
        spin: rotation vector about its origin, radians a second, the world's axes.
    """

    velocity: Vec3 = (0.0, 0.0, 0.0)
    spin: Vec3 = (0.0, 0.0, 0.0)


STILL = Motion()


@dataclass(frozen=True)
class Body:
    """One rigid object. Body k of the spec (counted from 0) is instance k + 1 in every label.

    Attributes:
        name: says what it is in messages; need not be unique.
        category: name of its class, or '' for structure and distractors, which occlude unlabelled.
        scale: along local axes, before rotation.
        materials: material by slot name of the mesh; slots left out get the prop's own finish.
        slack_m: how far any point of it may move sideways without touching a neighbour.
        blocks_light: False for a roof that lets daylight through.
        attributes: what else is said of it in the labels, such as a defect that it has.
    """

    name: str
    shape: Shape
    position: Vec3 = (0.0, 0.0, 0.0)
    rotation: Quaternion = IDENTITY
    scale: Vec3 = (1.0, 1.0, 1.0)
    category: str = ""
    materials: dict[str, Material] = field(default_factory=dict)
    slack_m: float = 0.0
    blocks_light: bool = True
    motion: Motion = STILL
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Light:
    """A light that the camera does not see; it shines along its local -z.

    Attributes:
        power: radiant flux in watts; for a sun, irradiance in W/m^2.
        size: extent along local x and y; for a sun, (angular diameter in degrees, unused);
            for spot and point, (diameter, unused).
        cone_deg: full opening angle of a spot.
    """

    kind: str
    position: Vec3
    rotation: Quaternion = IDENTITY
    power: float = 100.0
    color: Vec3 = (1.0, 1.0, 1.0)
    size: tuple[float, float] = (0.1, 0.1)
    cone_deg: float = 60.0

    def __post_init__(self):
        one_of("Light.kind", self.kind, LIGHT_KINDS)


@dataclass(frozen=True)
class World:
    """What surrounds the scene: an HDRI (a path, or the name of one inside bpy) or one colour."""

    hdri: str = ""
    color: Vec3 = (0.5, 0.5, 0.5)
    strength: float = 1.0
    rotation_deg: float = 0.0


@dataclass(frozen=True)
class Lens:
    """Which way the ray through a pixel leaves the camera.

    Attributes:
        model: pinhole; brown_conrady, as OpenCV's calibrateCamera has it; fisheye, the equidistant
            projection r = f theta, bent as OpenCV's fisheye (Kannala and Brandt 2006) has it.
        coefficients: k1, k2, p1, p2, k3 of brown_conrady; k1, k2, k3, k4 of fisheye; those left out
            are 0.
    """

    model: str = "pinhole"
    coefficients: tuple[float, ...] = ()

    def __post_init__(self):
        one_of("Lens.model", self.model, tuple(LENS_MODELS))
        most = LENS_MODELS[self.model]
        if len(self.coefficients) > most:
            raise SimgenError(
                f"Lens.coefficients={self.coefficients}: {self.model} has at most {most}"
            )
        if not all(isfinite(k) for k in self.coefficients):
            raise SimgenError(f"Lens.coefficients={self.coefficients} must be finite numbers")


PINHOLE = Lens()


@dataclass(frozen=True)
class Camera:
    """A camera with square pixels and the principal point at the image's centre.

    Attributes:
        focal_mm, sensor_mm: focal length, and the sensor's width along the image's.
        baseline_m: how far along its x a second, right-hand camera stands; 0: there is none.
    """

    position: Vec3 = (0.0, 0.0, 0.0)
    rotation: Quaternion = IDENTITY
    width: int = 640
    height: int = 480
    focal_mm: float = 35.0
    sensor_mm: float = 36.0
    lens: Lens = PINHOLE
    motion: Motion = STILL
    baseline_m: float = 0.0


@dataclass(frozen=True)
class SceneSpec:
    """One image, completely described.

    Attributes:
        room: lower and upper corner of the space in which a camera may stand.
        step_s: seconds to a second instant, to which what has a motion moves on; 0: there is none.
        parameters: what was drawn to get here, by dotted name, for reports; nothing reads it back.
    """

    bodies: tuple[Body, ...] = ()
    lights: tuple[Light, ...] = ()
    world: World = World()
    camera: Camera = Camera()
    room: tuple[Vec3, Vec3] = ((-5.0, -5.0, 0.0), (5.0, 5.0, 3.0))
    step_s: float = 0.0
    parameters: dict[str, Value] = field(default_factory=dict)
