"""dataset.json: what a dataset is, how its numbers are to be read, and which run it belongs to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from math import isfinite
from typing import Any

import msgspec
from omegaconf import OmegaConf

from simgen.credits import Asset
from simgen.errors import SimgenError
from simgen.machine import versions

CONVENTIONS = {
    "units": "metres, radians and watts, unless a name says otherwise (_deg, _mm, _px)",
    "world_axes": "right-handed, z up, the floor at z = 0",
    "camera_axes": "x right, y down, z forward along the optical axis (OpenCV)",
    "rotations": "unit quaternions (w, x, y, z)",
    "pixels": "column u, row v covers [u, u+1) x [v, v+1); its centre is (u + 0.5, v + 0.5)",
    "labels": "a pixel belongs to what the ray through its centre meets first; no anti-aliasing",
    "lens": "of the camera in a record's spec: OpenCV's projectPoints (brown_conrady: k1, k2, p1, "
    "p2, k3) or fisheye.projectPoints (fisheye: k1, k2, k3, k4); fx = fy = focal_mm / sensor_mm * "
    "width, cx, cy = the picture's middle. Pixels without a ray show nothing: instance 0, black",
    "boxes": "(x, y, width, height) in pixels: the mask's exact extent",
    "images": "8-bit sRGB",
    "depth": "along the optical axis. exr: channel Z in metres, inf = nothing there; what a "
    "fisheye sees to the side or behind is at 0 or below, where distance says more. "
    "png: 16-bit millimetres, 0 = nothing there, behind the camera or beyond 65.535 m",
    "distance": "exr: channel Y, metres along the ray from the camera, inf = nothing there",
    "normals": "16-bit RGB png: round((n + 1) / 2 * 65535) of x, y, z of the unit vector that "
    "points out of the surface, as the picture shades it; normals/ in camera axes, normals_world/ "
    "in world axes; 0, 0, 0 = nothing there",
    "nocs": "16-bit RGB png: round(65535 * c) of x, y, z along the object's axes, its bounding box "
    "centred at 0.5 with a diagonal of 1 (Wang et al. 2019); 0, 0, 0 = no category, nothing there",
    "amodal": "tiff: a page for each label of the frame's record, in its order, 255 = the whole "
    "silhouette inside the frame; a frame without labels has no file",
    "pointcloud": "binary ply: x, y, z in metres in the axes that its comment names, red, green, "
    "blue of the image, instance as in instance/; points row by row, pixels that see something",
    "panoptic": "png: segment id = R + 256 G + 65536 B, 0 = nothing there; an object with a "
    "category is a segment with its instance id, the rest is stuff, one segment for each prop",
    "instance": "16-bit png: 0 = nothing there, k = object k of the frame, bodies[k - 1] of the "
    "spec in its record, instance_id in annotations/instances.json",
    "semantic": "png: category id, 0 = no category (structure, distractors, nothing there)",
    "flow": "Middlebury .flo, 32-bit (u, v) pixels from the picture to step_s of the spec in the "
    "record later: what the pixel shows is then at (column + 0.5 + u, row + 0.5 + v); 0 = nothing "
    "there. flow_valid, 8-bit png: 255 = the same surface point is in images_next/ and not hidden",
    "disparity": "exr, 32-bit, channel Y: pixels, u in the picture less u in the right camera's, "
    "which stands baseline_m of the spec's camera along its x and is turned alike; 0 = nothing "
    "there. disparity_valid, 8-bit png: 255 = the same surface point is in images_right/ and not "
    "hidden",
    "views": "where settings has views: frames of one number // views show one scene, the same "
    "objects, surfaces and lights, each with a camera, lens, noise and second instant of its own",
    "further views": "images_next/ (step_s later), images_right/ (the right camera): exposed and "
    "balanced as the picture in images/, with noise of their own",
    "coco": "image id = frame; annotation id = frame * 65536 + instance id; file_name is relative "
    "to images/; area and segmentation are of the visible mask, amodal_* of the whole silhouette "
    "inside the frame; intrinsics (K) and points count pixels as `pixels` says, so that OpenCV's "
    "cx, cy are half a pixel less",
    "keypoints": "u, v in pixels and visibility: 0 outside the picture (u = v = 0), 1 hidden by "
    "something, itself included, that is nearer by more than 5 mm along the ray, 2 seen; left is "
    "-x, right +x, the front towards -y; pockets and openings are the middle of a gap, all other "
    "points lie on the surface, but for the corners of a print: its rectangle's, as if it were not "
    "rounded, top towards +y",
    "assets": "the user's are objects/ that scenes show, hdris/ and hdri/ that light them, and "
    "textures/ that surfaces have; digest: SHA-256 of files and settings; flag: the licence is "
    "non-commercial or unknown",
    "cuboid": "corner i of the oriented bounding box is at the upper bound along the object's x, "
    "y, z where bit 0, 1, 2 of i is set; in camera axes, and in pixels: null where the lens cannot "
    "show it",
    "pose": "camera_from_object, OpenCV's camera axes; scale along the object's axes comes first",
    "occluders": "[instance id, pixels it hides of the whole silhouette inside the frame]; with "
    "the visible area they add up to amodal_area",
    "visible_fraction": "visible area / area of the whole silhouette inside the frame",
    "attributes": "what else is said of an object, such as its defect; left out where nothing is",
    "truncation": "share of the whole silhouette that lies outside the frame, on a canvas of three "
    "frames by three, as far as the lens has rays there",
}
# How a run is carried out, and what is folded anew at its end: these change no label. (On another
# device the pixels differ by the last bits of the light.)
_FREE = (
    "frames", "frames_besides", "shard", "workers", "out", "launcher", "limits", "on_error",
    "renderer.device", "renderer.threads", "min_agreement", "writer.coco", "budget",
    "quality.samples_min", "quality.samples_max",
)  # fmt: skip
# Settings that are told only where they change something: datasets are older than these.
_AS_EVER = {"views": 1}


@dataclass(frozen=True)
class Category:
    """A class of objects as COCO counts them, from 1."""

    id: int
    name: str


@dataclass(frozen=True)
class Card:
    """What is the same for every frame.

    Attributes:
        made_with: versions of what decides the pixels, by name.
        settings: the config, by dotted key, without what changes no frame.
        assets: what ships with simgen and bpy, then the user's own.
    """

    made_with: dict[str, str]
    seed: int
    categories: tuple[Category, ...]
    settings: dict[str, Any]
    conventions: dict[str, str]
    assets: tuple[Asset, ...]

    @property
    def views(self) -> int:
        """How many neighbouring frames show each scene.

        Raises:
            SimgenError: a damaged card says something that is no such number.
        """
        views = self.settings.get("views", 1)
        if type(views) is not int or views < 1:
            raise SimgenError(f"dataset.json: views={views!r} is no number of views; it is damaged")
        return views


def make_card(
    config: Mapping[str, Any],
    categories: Iterable[str],
    made_with: Mapping[str, str],
    assets: Iterable[Asset] = (),
) -> Card:
    """Returns the card of a run with this config (plain containers, resolved).

    Args:
        assets: the user's own.
    """
    return Card(
        made_with=dict(made_with),
        seed=config["seed"],
        categories=tuple(Category(i, name) for i, name in enumerate(categories, 1)),
        settings={**dict(_deciding(config)), "randomize": list(config.get("randomize", ()))},
        conventions=dict(CONVENTIONS),
        assets=(*_shipped_assets(), *assets),
    )


def card_of(config: Mapping[str, Any], recipe: Any) -> Card:
    """Returns the card of the dataset that a recipe, built of `config`, makes here."""
    made_with = {name: versions()[name] for name in ("simgen", "bpy") if name in versions()}
    if recipe.targets.reference:  # another file at the same path makes other frames
        digest = {"match_sha256": recipe.targets.reference.digest}
        config = {**config, "targets": {**config["targets"], **digest}}
    return make_card(config, recipe.categories, made_with, recipe.assets)


_HDRIS = Asset(
    "the HDRIs inside bpy (datafiles/studiolights/world)",
    "CC0-1.0",
    "Greg Zaal, Poly Haven, https://polyhaven.com",
)


def _shipped_assets() -> tuple[Asset, ...]:
    manifest = OmegaConf.create((files("simgen.assets") / "manifest.yaml").read_text("utf-8"))
    own = (Asset(name, entry["license"], entry["source"]) for name, entry in manifest.items())
    return (_HDRIS, *own)


def encode_card(card: Card) -> bytes:
    """Returns the card as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"


def decode_card(data: bytes, where: str) -> Card:
    """Returns the card.

    Raises:
        SimgenError: the data is damaged, or no card.
    """
    try:
        return msgspec.json.decode(data, type=Card)
    except (ValueError, RecursionError) as error:
        raise SimgenError(f"{where}: {error}; the file is damaged, or not simgen's") from error


def require_same(old: Card, new: Card, folder: object) -> None:
    """Raises SimgenError, naming up to three differences, unless both cards make one dataset."""
    if told := differences(old, new):
        raise SimgenError(
            f"out={folder} holds a dataset made with other settings: {told}; "
            f"choose another out=, or the same settings to continue it"
        )


def differences(old: Card, new: Card, sides: tuple[str, str] = ("there", "now")) -> str:
    """Returns in what a new card is of another dataset, up to three differences; '' if in none.

    Args:
        sides: what to call the old one and the new one.
    """
    then, now = _identity(old), _identity(decode_card(encode_card(new), "card"))
    keys = [key for key in {**then, **now} if then.get(key, _UNSET) != now.get(key, _UNSET)]
    there, here = sides
    shown = [f"{k} ({then.get(k, _UNSET)} {there}, {now.get(k, _UNSET)} {here})" for k in keys[:3]]
    return ", ".join(shown) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


def digest_of(card: Card) -> str:
    """Returns SHA-256 of what `require_same` compares: known before there is a frame, the same for
    each process and each resumed run. A whole number is the same with and without a point."""
    identity = msgspec.json.encode(_plain(_identity(card)), order="sorted")
    return sha256(identity).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53
    return int(value) if whole else value


_UNSET = "not set"


def _identity(card: Card) -> dict[str, Any]:
    versions = {f"version of {name}": version for name, version in card.made_with.items()}
    names = [category.name for category in card.categories]
    own = {f"content of {asset.name}": asset.digest[:16] for asset in card.assets if asset.digest}
    return {**card.settings, **versions, "categories": names, **own}


def _deciding(config: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Yields (dotted key, value) of each leaf that decides what a frame looks like."""
    if prefix in _FREE or (prefix in _AS_EVER and config == _AS_EVER[prefix]):
        return
    if isinstance(config, Mapping) and config:
        pairs = config.items()
    elif isinstance(config, list | tuple) and config:
        pairs = enumerate(config)
    else:
        yield prefix, _finite(config)
        return
    for key, value in pairs:
        yield from _deciding(value, f"{prefix}.{key}" if prefix else str(key))


def _finite(value: Any) -> Any:
    """Returns what JSON can hold: inf and nan as text."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value
