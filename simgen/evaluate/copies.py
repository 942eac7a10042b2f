"""Synthetic pictures that are copies: of a real one, or of another synthetic one.

Features find each picture's neighbours; the pixels decide. For that both are laid over each other
(affine, by the enhanced correlation coefficient: Evangelidis and Psarakis 2008), so that a copy may
be cropped a little, scaled, encoded anew or made brighter; and they are compared where they differ
most, so that a shot of the same place with one object moved is no copy.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures
from simgen.progress import track

THRESHOLD = 0.2
_NEIGHBOURS, _NEAR = 2, 0.3  # neighbours looked at, and how near: 1 - cosine of the features
_SHOWN = 12  # pairs that are told though they are no copies
_SIDE, _WINDOW = 128, 16  # pixels that are compared, and how many make up a place
_OVERLAP = 0.5  # of the picture; less is not the same one
_MOST = 2.0
_ROWS = 1024
_ECC = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-4)


def find_copies(
    synthetic: Pictures, real: Pictures, of_synthetic: np.ndarray, of_real: np.ndarray
) -> dict[str, Any]:
    """Returns the pairs that are copies and the next nearest, ordered by distance.

    Args:
        of_synthetic: (N, D) features of the pictures.
        of_real: (M, D).
    """
    ours, theirs = _unit(of_synthetic), _unit(of_real)
    of_others = _pairs(ours, theirs, same=False)
    of_each_other = _pairs(ours, ours, same=True)
    return {
        "synthetic_of_real": _told(of_others, synthetic, real, "real"),
        "synthetic_of_synthetic": _told(of_each_other, synthetic, synthetic, "other"),
        "threshold": THRESHOLD,
        "checked": len(synthetic),
    }


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Returns how much two grey pictures, (S, S) uint8, differ where they differ most.

    In units of the standard deviation of their grey values: 0 for a copy, mostly below 0.1 for one
    that was cropped by a tenth or encoded anew, above 1 for different scenes; never above 2.
    """
    return min(_laid_over(a, b), _laid_over(b, a), _MOST)


def grey(picture: np.ndarray) -> np.ndarray:
    """Returns (S, S) uint8 of (H, W, 3) uint8 RGB, small enough to be compared."""
    small = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def _unit(features: np.ndarray) -> np.ndarray:
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def _pairs(a: np.ndarray, b: np.ndarray, same: bool) -> dict[tuple[int, int], float]:
    """Returns neighbours in the features, and 1 - cosine; each pair once."""
    found = {}
    count = min(_NEIGHBOURS, len(b) - same)
    for start in range(0, len(a) if count > 0 else 0, _ROWS):
        apart = 1 - a[start : start + _ROWS] @ b.T
        if same:
            rows = np.arange(len(apart))
            apart[rows, start + rows] = np.inf
        nearest = np.argpartition(apart, count - 1, axis=1)[:, :count]
        for i, j in np.ndindex(nearest.shape):
            pair = start + i, int(nearest[i, j])
            found[tuple(sorted(pair)) if same else pair] = float(apart[i, nearest[i, j]])
    order = sorted(found, key=found.get)
    return {p: found[p] for n, p in enumerate(order) if n < _SHOWN or found[p] < _NEAR}


def _told(pairs, synthetic: Pictures, others: Pictures, kind: str) -> list[dict[str, Any]]:
    told = [
        {"synthetic": synthetic.pictures[i].name, kind: others.pictures[j].name, "distance": d}
        for i, j, d in track(_compared(pairs, synthetic, others), len(pairs), 0, "pairs")
    ]
    told.sort(key=lambda pair: pair["distance"])
    return [pair for n, pair in enumerate(told) if n < _SHOWN or pair["distance"] <= THRESHOLD]


def _compared(pairs, synthetic: Pictures, others: Pictures) -> Iterator[tuple[int, int, float]]:
    @lru_cache(4096)
    def small(picture: Picture) -> np.ndarray:
        return grey(picture.read())

    for i, j in pairs:
        yield i, j, distance(small(synthetic.pictures[i]), small(others.pictures[j]))


def _laid_over(a: np.ndarray, b: np.ndarray) -> float:
    warp = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(a, b, warp, cv2.MOTION_AFFINE, _ECC, None, 5)
    except cv2.error:  # it found nothing in common, or nothing at all in one of them
        pass
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(np.ones(b.shape, np.float32), warp, b.shape, flags=how) > 0.999
    if inside.mean() < _OVERLAP:
        return _MOST
    moved = cv2.warpAffine(b.astype(np.float32), warp, b.shape, flags=how)
    return _worst_place(a.astype(np.float32), moved, inside)


def _worst_place(a: np.ndarray, b: np.ndarray, inside: np.ndarray) -> float:
    apart = _normal(a, inside) - _normal(b, inside)
    squares = np.square(cv2.blur(apart, (5, 5))) * inside
    shares = cv2.blur(inside.astype(np.float32), (_WINDOW, _WINDOW))
    places = shares > 0.5
    means = cv2.blur(squares, (_WINDOW, _WINDOW))[places] / shares[places]
    return float(np.sqrt(means.max()))


def _normal(x: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Returns it with mean 0 and deviation 1, as brightness and contrast tell no copy apart."""
    seen = x[inside]
    return np.where(inside, (x - seen.mean()) / max(seen.std(), 1), 0)
