"""Pictures as a detector takes them: fitted into a canvas, and varied while it learns."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from simgen.checks import require
from simgen.evaluate.album import Decoded
from simgen.evaluate.picture import Picture

Canvas = tuple[int, int]  # height, width in pixels
GREY = 127
_LEAST_SEEN = 0.3  # share of a box that must stay in the canvas for it to be asked for


@dataclass(frozen=True)
class Augmentation:
    """How pictures vary while a detector learns; the same for real and synthetic ones.

    Attributes:
        scale: factor on the picture's size, drawn log-uniformly from 1 / scale to scale.
        shift: of the picture in the canvas, in shares of its sides.
        turn_deg: about its middle.
        flip: probability of being mirrored; 0 where things are never seen so, such as print.
        light: how strongly brightness, contrast, saturation and hue change, 0 to 1.
        soft: probability of blur, and of noise.
    """

    scale: float = 1.25
    shift: float = 0.2
    turn_deg: float = 8.0
    flip: float = 0.5
    light: float = 0.25
    soft: float = 0.1

    def __post_init__(self):
        require(1, 4, fixed=True, scale=self.scale)
        require(0, 1, fixed=True, shift=self.shift, flip=self.flip, light=self.light)
        require(0, 1, fixed=True, soft=self.soft)
        require(0, 180, fixed=True, turn_deg=self.turn_deg)


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture in a canvas.

    Attributes:
        pixels: (height, width, 3) uint8 RGB. `boxes`: (n, 4) float32 x0, y0, x1, y1. `labels`:
            (n,).
        to_canvas: (2, 3) affine map from pixels of the file, whose `shape` is height, width.
    """

    pixels: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    to_canvas: np.ndarray
    shape: tuple[int, int]


def fitted(picture: Picture, image: Decoded, canvas: Canvas) -> Sample:
    """Returns the whole picture, as large as the canvas holds it, in its middle."""
    return _placed(picture, image, _affine(image.shape, canvas, _fit(image, canvas)), canvas)


def varied(
    picture: Picture, image: Decoded, canvas: Canvas, how: Augmentation, rng: np.random.Generator
) -> Sample:
    """Returns the picture scaled, shifted, turned, mirrored, and otherwise lit."""
    scale = _fit(image, canvas) * how.scale ** rng.uniform(-1, 1)
    shift = rng.uniform(-how.shift, how.shift, 2) * canvas[::-1]
    turn = np.radians(rng.uniform(-how.turn_deg, how.turn_deg))
    mirrored = rng.random() < how.flip
    affine = _affine(image.shape, canvas, scale, shift, turn, mirrored)
    sample = _placed(picture, image, affine, canvas)
    return replace(sample, pixels=_relit(sample.pixels, how, rng))


def in_file(boxes: np.ndarray, sample: Sample) -> np.ndarray:
    """Returns (n, 4) x, y, width, height in the file from corners in a `fitted` picture."""
    height, width = sample.shape
    scale, shift = sample.to_canvas[0, 0], np.tile(sample.to_canvas[:, 2], 2)
    corners = ((boxes - shift) / scale).clip(0, [width, height, width, height])
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1).astype(np.float32)


def _fit(image: Decoded, canvas: Canvas) -> float:
    return min(canvas[0] / image.shape[0], canvas[1] / image.shape[1])


def _affine(shape, canvas, scale, shift=(0.0, 0.0), turn=0.0, mirrored=False) -> np.ndarray:
    """Returns the map that brings the picture's middle to the canvas's, `shift` away."""
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]]) * ((-1, 1) if mirrored else (1, 1))
    middle, target = np.array(shape[::-1]) / 2, np.array(canvas[::-1]) / 2
    return np.column_stack([linear, target + shift - linear @ middle])


def _placed(picture: Picture, image: Decoded, affine: np.ndarray, canvas: Canvas) -> Sample:
    scale = np.sqrt(abs(np.linalg.det(affine[:, :2])))
    if scale < 0.5 * max(image.from_file):  # else fine texture turns into false grain
        image = image.shrunk(1.5 * scale)
    within = affine @ np.diag([*(1 / np.array(image.from_file)), 1])
    centred = within @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]]) - [[0, 0, 0.5]] * 2
    warped = cv2.warpAffine(image.pixels, centred, canvas[::-1], borderValue=(GREY,) * 3)
    wanted = ~picture.crowd
    boxes, seen = _moved(picture.boxes[wanted], affine, canvas)
    return Sample(warped, boxes[seen], picture.labels[wanted][seen], affine, image.shape)


def _moved(boxes: np.ndarray, affine: np.ndarray, canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    """Returns the boxes about the mapped ones, cut at the canvas, and which still show enough.

    A turned box is the one about the ellipse in it, which is nearer to the object's own than the
    one about its corners.
    """
    half = boxes[:, 2:] / 2
    middle = (boxes[:, :2] + half) @ affine[:, :2].T + affine[:, 2]
    reach = np.sqrt(half**2 @ (affine[:, :2] ** 2).T)
    whole = np.concatenate([middle - reach, middle + reach], 1)
    cut = whole.clip(0, [*canvas[::-1]] * 2)
    areas = [(b[:, 2:] - b[:, :2]).prod(1) for b in (cut, whole)]
    return cut.astype(np.float32), areas[0] > _LEAST_SEEN * np.maximum(areas[1], 1)


def _relit(pixels: np.ndarray, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    x = pixels.astype(np.float32) / 255
    gain, gamma, saturation = np.exp(how.light * rng.uniform(-1, 1, 3) * (0.5, 0.5, 0.7))
    tint = np.exp(how.light * rng.uniform(-0.25, 0.25, 3)).astype(np.float32)
    grey = x.mean(2, keepdims=True)
    x = (grey + np.float32(saturation) * (x - grey)) * tint * np.float32(gain)
    x = x.clip(0, 1) ** np.float32(gamma)
    if rng.random() < how.soft:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.5))
    if rng.random() < how.soft:
        x = x + rng.normal(0, rng.uniform(0.005, 0.04), x.shape).astype(np.float32)
    return np.round(x.clip(0, 1) * 255).astype(np.uint8)
