"""What each stage of a frame hands to the next."""

from dataclasses import dataclass, field

import numpy as np

from simgen.spec import Quaternion, SceneSpec, Vec3


@dataclass(frozen=True, eq=False)
class AmodalMask:
    """One body's silhouette as if nothing stood before it, cut to its pixels inside the frame.

    Attributes:
        box: (x, y, w, h) of the crop in the frame, pixels.
        mask: (h, w) bool.
        outside: pixels of the silhouette that fall outside the frame, on a canvas that adds one
            frame's width and height on each side (the canvas BOP counts on), as far as the lens
            has rays there.
    """

    box: tuple[int, int, int, int]
    mask: np.ndarray
    outside: int


@dataclass(frozen=True, eq=False)
class Truth:
    """Exact labels at pixel centres.

    Attributes:
        instance: (H, W) uint16; 0 = nothing, k = spec.bodies[k - 1].
        depth: (H, W) float32, metres along the optical axis; inf = nothing. What a fisheye sees
            to the side or behind has a depth of 0 or below.
        triangle: (H, W) int32, which triangle of that body's mesh; -1 = nothing.
        amodal: by instance id, for bodies with a category that are visible in at least one pixel.
    """

    instance: np.ndarray
    depth: np.ndarray
    triangle: np.ndarray
    amodal: dict[int, AmodalMask] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Radiance:
    """What the renderer saw.

    Attributes:
        rgb: (H, W, 3) float32, linear, scene-referred.
        instance: (H, W) uint16 from the renderer's own id pass, or None where it has none.
        depth: (H, W) float32, metres along the optical axis, inf = nothing.
        device: what really rendered, e.g. 'CPU' or 'OPTIX NVIDIA H100'.
        seconds: by stage.
    """

    rgb: np.ndarray
    instance: np.ndarray | None
    depth: np.ndarray
    device: str
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Agreement:
    """How far two engines agree on one frame.

    Attributes:
        pixels: share of all pixels on which id (where given) and depth agree, 0 to 1.
        id_pixels, depth_pixels: the same for each alone; id_pixels is None without an id pass.
        depth_median, depth_max: relative depth difference where both hit the same body.
    """

    pixels: float
    id_pixels: float | None
    depth_pixels: float
    depth_median: float
    depth_max: float


@dataclass(frozen=True)
class Rle:
    """COCO's compressed run-length encoding; `size` is (height, width)."""

    size: tuple[int, int]
    counts: str


@dataclass(frozen=True)
class Keypoint:
    """A named point of an object, seen or not.

    Attributes:
        x, y: where the lens puts it, pixels; 0, 0 where visibility is 0.
        visibility: COCO's: 0 not in the picture, 1 hidden behind something (or itself), 2 seen.
        camera_position: in camera axes, metres.
    """

    name: str
    x: float
    y: float
    visibility: int
    camera_position: Vec3


@dataclass(frozen=True)
class Instance:
    """The labels of one object in one frame; boxes are (x, y, w, h) pixels, the mask's extent.

    Attributes:
        id: its value in the instance map.
        visible_fraction: area / (pixels of the amodal mask inside the frame).
        truncation: share of the whole silhouette that lies outside the frame (see AmodalMask).
        position, rotation, scale: world_from_object.
        camera_position, camera_rotation: camera_from_object (without scale), OpenCV axes.
        cuboid: 8 corners of the object's oriented bounding box in camera axes, metres; corner i
            takes the upper bound along object x, y, z where bit 0, 1, 2 of i is set.
        cuboid_px: the same corners in the picture, pixels; None where the lens cannot show one.
        occluders: (instance id, pixels of the amodal mask inside the frame that it hides), most
            hiding first; with the visible pixels they add up to amodal_area.
        keypoints: those that its asset defines, in the asset's order.
        attributes: the body's own, such as defects.
    """

    id: int
    category: str
    box: tuple[int, int, int, int]
    area: int
    mask: Rle
    amodal_box: tuple[int, int, int, int]
    amodal_area: int
    amodal_mask: Rle
    visible_fraction: float
    truncation: float
    position: Vec3
    rotation: Quaternion
    scale: Vec3
    camera_position: Vec3
    camera_rotation: Quaternion
    cuboid: tuple[Vec3, ...]
    cuboid_px: tuple[tuple[float, float] | None, ...] = ()
    occluders: tuple[tuple[int, int], ...] = ()
    keypoints: tuple[Keypoint, ...] = ()
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class View:
    """The frame's scene at another instant or from another camera (see views.py).

    Attributes:
        spec: the same bodies in the same order.
        image, agreement: as a Frame's; None where no writer asks for the picture.
    """

    spec: SceneSpec
    image: np.ndarray | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """A finished frame, as the writers get it.

    Attributes:
        image: the sensor's 8-bit RGB (H, W, 3), before any file encoding.
        views: those that a writer asks for, by name.
        dataset: digest of the recipe of the dataset that it is put into, '' before that.
    """

    index: int
    spec: SceneSpec
    truth: Truth
    instances: tuple[Instance, ...]
    image: np.ndarray
    agreement: Agreement
    device: str
    seconds: dict[str, float] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    dataset: str = ""

    def finished(self) -> "Frame":
        """Returns the frame itself, which needs no more."""
        return self
