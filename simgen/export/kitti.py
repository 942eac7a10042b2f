"""KITTI object: a picture, a text file of labels and one of matrices for each frame.

    training/{image_2,label_2,calib}/000042.*   splits train and val; those of test in testing/
    ImageSets/{train,val,test}.txt              frames of each split, by name

Source, unless another is named: the readme, writeLabels.m and evaluate_object.cpp of the object
development kit, https://www.cvlibs.net/datasets/kitti/eval_object.php. A line of label_2 is: type,
truncated, occluded, alpha, left, top, right, bottom, height, width, length, x, y, z, rotation_y.

Pixels: (0, 0) is the centre of the first one, so cx and cy in P2 are half a pixel less than in the
    dataset, and right and bottom are the last pixel inside: of a truncated box, width - 1.
Boxes: around the whole object, hidden parts too, cut off at the picture's edge: KITTI's are
    projections of labelled 3D boxes.
truncated: the share of the silhouette outside the picture, 0 to 1.
occluded: 0, 1, 2 by the share of the silhouette inside the picture that is seen. KITTI's annotators
    had words alone (fully visible, partly, largely occluded); the limits 0.95 and 0.5 are those of
    KittiWriter in NVIDIA Omniverse Replicator. 3, unknown, is never needed.
Dimensions: metres; length along the object's y, whose front is towards -y, width along x, height
    along z.
Location: the middle of the 3D box's lower face in camera axes, metres.
rotation_y: about the camera's y, which points down; 0 where the front looks along the camera's x.
alpha: rotation_y - atan2(x, z), within [-pi, pi].
Not given: alpha -10, dimensions -1, location -1000, rotation_y -10, as in writeLabels.m.
calib: P2 projects the axes of the labels into image_2. P3 does so into image_3 where the camera has
    a second one, else it is P2, as are P0 and P1. R0_rect is the identity. There is no laser
    scanner: Tr_velo_to_cam and Tr_imu_to_velo only turn axes (x forward, y left, z up).

What it cannot express, and counts: the 3D box of an object whose upward axis is not the labels' -y,
since KITTI has one angle (its 3D fields are not given); lenses that bend lines; boxes of one pixel,
whose area is 0. KITTI's pictures are PNG: others keep their suffix, and are counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from simgen.checks import require
from simgen.errors import SimgenError, one_of
from simgen.export.format import NO_PNG, Exported, Part
from simgen.export.linked import Linked
from simgen.export.sample import Label, Sample
from simgen.geometry import rotation_matrix
from simgen.spec import PINHOLE

TILTED = "tilted objects without a 3D box (format.axes=level helps if the camera is tilted)"
BENT = "lenses that bend lines, which P2 does not say"
THIN = "areas of boxes one pixel wide or high, whose sides meet in KITTI"
_NOT_GIVEN = "-1 -1 -1 -1000 -1000 -1000 -10"
_LASER = "0 -1 0 0 0 0 -1 0 1 0 0 0"
_SAME = "1 0 0 0 0 1 0 0 0 0 1 0"


@dataclass(frozen=True)
class Kitti:
    """Labels and calibration as text.

    Attributes:
        axes: 'camera', the camera's own; or 'level', which are turned so that y points straight
            down: then upright objects have a 3D box however the camera is tilted, and P2 holds
            that turn. A reader that takes P2 for a matrix of intrinsics alone needs 'camera'.
        max_tilt_deg: by how much an object may lean and still have a 3D box, which stands upright.
        fully_visible, partly_visible: the least visible share of occluded 0 and 1.
    """

    axes: str = "camera"
    max_tilt_deg: float = 1.0
    fully_visible: float = 0.95
    partly_visible: float = 0.5

    def __post_init__(self):
        one_of("axes", self.axes, ("camera", "level"))
        require(0, 90, fixed=True, max_tilt_deg=self.max_tilt_deg)
        require(0, 1, fixed=True, fully_visible=self.fully_visible)
        require(0, self.fully_visible, fixed=True, partly_visible=self.partly_visible)

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns picture, labels and matrices of a frame."""
        folder = "testing" if split == "test" else "training"
        turn = _level(sample.world_from_camera[:3, :3]) if self.axes == "level" else np.eye(3)
        types, lost = _types(sample), Counter()
        lines = [self._line(types[each.category], each, turn, lost) for each in sample.labels]
        lost[BENT] += sample.camera.lens != PINHOLE
        files = {
            f"{folder}/label_2/{sample.name}.txt": "".join(lines).encode(),
            f"{folder}/calib/{sample.name}.txt": _calibration(sample, turn).encode(),
        }
        for name, picture in _pictures(sample).items():
            files[f"{folder}/{name}/{sample.name}{picture.suffix}"] = picture
        lost[NO_PNG] += sample.picture.suffix != ".png"
        return Part(files, msgspec.json.encode(sample.name), lost)

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields the list of each split's frames."""
        for split in exported.splits:
            names = (msgspec.json.decode(note, type=str) for note in exported.notes(split))
            yield f"ImageSets/{split}.txt", (f"{name}\n".encode() for name in names)

    def _line(self, kind: str, label: Label, turn: np.ndarray, lost: Counter[str]) -> str:
        x, y, w, h = label.amodal_box
        lost[THIN] += min(w, h) == 1
        alpha, solid = self._solid(label, turn) or (-10, _NOT_GIVEN)
        lost[TILTED] += solid == _NOT_GIVEN
        return (
            f"{kind} {label.truncation:.4f} {self._occluded(label)} {alpha:.6g} "
            f"{x:.2f} {y:.2f} {x + w - 1:.2f} {y + h - 1:.2f} {solid}\n"
        )

    def _occluded(self, label: Label) -> int:
        seen = label.visible_fraction
        return 0 if seen >= self.fully_visible else 1 if seen >= self.partly_visible else 2

    def _solid(self, label: Label, turn: np.ndarray) -> tuple[float, str] | None:
        """Returns alpha and the fields from height on; None for what leans too much."""
        axes = turn @ rotation_matrix(label.camera_rotation) * np.sign(label.scale)
        if -axes[1, 2] < np.cos(np.radians(self.max_tilt_deg)) - 1e-12:
            return None
        width, length, height = label.dimensions
        x, y, z = turn @ label.centre + (0, height / 2, 0)
        rotation = np.arctan2(axes[2, 1], -axes[0, 1])  # of the front, -y, from x towards -z
        alpha = (rotation - np.arctan2(x, z) + np.pi) % (2 * np.pi) - np.pi
        numbers = (height, width, length, x, y, z, rotation)
        return alpha, " ".join(f"{number:.6f}" for number in numbers)


def _pictures(sample: Sample) -> dict[str, Linked]:
    left, right = sample.picture, sample.files.get("images_right")
    return {"image_2": left} | ({"image_3": replace(left, path=right)} if right else {})


def _types(sample: Sample) -> dict[str, str]:
    """Returns the word that stands for each category: a line's fields are parted by spaces."""
    words = {each.name: "_".join(each.name.split()) for each in sample.categories}
    if len(set(words.values())) < len(words):
        raise SimgenError(
            f"categories {sorted(words)}: some are one type in KITTI, whose types have no spaces; "
            f"give them other names"
        )
    return words


def _level(world_from_camera: np.ndarray) -> np.ndarray:
    """Returns (3, 3), from camera axes to those with y straight down and z ahead; where the camera
    looks straight down or up, z is what is upwards in the picture."""
    down = -world_from_camera[2]
    ahead = np.array([0.0, 0.0, 1.0]) - down[2] * down
    if np.linalg.norm(ahead) < 1e-6:
        ahead = np.array([0.0, -1.0, 0.0])
    ahead /= np.linalg.norm(ahead)
    return np.stack([np.cross(down, ahead), down, ahead])


def _calibration(sample: Sample, turn: np.ndarray) -> str:
    left, right = (
        sample.centred_intrinsics @ np.column_stack([turn.T, (-shift, 0, 0)])
        for shift in (0.0, sample.camera.baseline_m)
    )
    lines = [*(f"P{i}: {_row_major(left)}" for i in range(3)), f"P3: {_row_major(right)}"]
    lines += ["R0_rect: 1 0 0 0 1 0 0 0 1", f"Tr_velo_to_cam: {_LASER}", f"Tr_imu_to_velo: {_SAME}"]
    return "\n".join(lines) + "\n\n"


def _row_major(matrix: np.ndarray) -> str:
    return " ".join(f"{value:.12e}" for value in matrix.ravel())
