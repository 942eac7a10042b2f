"""How a lens bends the picture plane, there and back.

A point x of the plane, r from the axis, moves to P(r^2) x + q r^2 + 2 x (q . x), where
P(s) = 1 + k1 s + k2 s^2 + ...; with q = (p2, p1) that is Brown's model (1966) as OpenCV writes it.
The map is a gradient, and where its Jacobian is positive definite all over a disc around the axis,
no two points of the disc move to one place: as far as that a bend can be undone.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

PRECISE = 1e-13  # of the plane's unit: below a billionth of a pixel on any sensor
STEPS = 200


@dataclass(frozen=True)
class Distortion:
    """A bend of the plane.

    Attributes:
        radial: k1, k2, ...
        sideways: q.
        reach: points as far from the axis as this, or farther, are not seen at all.
    """

    radial: tuple[float, ...] = ()
    sideways: tuple[float, float] = (0.0, 0.0)
    reach: float = 1e6

    @cached_property
    def limit(self) -> float:
        """Radius of the disc around the axis whose points are seen, each in its own place.

        Radially the Jacobian stretches by P + 2 s P', across by P, and q takes off 6 r |q| at most.
        """
        terms = self._terms
        along, across = np.zeros((2, 2 * len(terms)))  # coefficients of r^0, r^1, ...
        along[::2], across[::2] = terms * np.arange(1, 2 * len(terms), 2), terms
        along[1] = across[1] = -6 * np.hypot(*self.sideways)
        return min(self.reach, _first_root(along), _first_root(across))

    @property
    def _terms(self) -> np.ndarray:
        return np.array([1.0, *self.radial])

    def bend(self, points: np.ndarray) -> np.ndarray:
        """Returns where (N, 2) points move to; nan for those that are not seen."""
        return np.where(self._seen(points)[:, None], self._moved(points), np.nan)

    def unbend(self, goals: np.ndarray) -> np.ndarray:
        """Returns the (N, 2) points that move to these; nan where none does that is seen.

        Newton's method: as the map is the gradient of a convex function, a short enough step in
        Newton's direction always comes closer.
        """
        found = np.full(goals.shape, np.nan)
        left = np.flatnonzero(np.hypot(*goals.T) <= self._farthest)
        goal = goals[left]
        points = goal * np.minimum(1, 0.9 * self.limit / np.hypot(*goal.T).clip(1e-9))[:, None]
        error = goal - self._moved(points)
        step = self._newton(points, error)
        for _ in range(STEPS):
            tried = points + step
            rest = goal - self._moved(tried)
            closer = (_length(rest) < _length(error)) & self._seen(tried)
            points[closer], error[closer] = tried[closer], rest[closer]
            step = np.where(closer[:, None], self._newton(points, error), step / 2)
            precise = _length(error) <= PRECISE * (1 + _length(goal))
            found[left[precise]] = points[precise]
            going = (closer | ~precise) & (_length(step) > 1e-17)
            left, goal, points, error, step = (a[going] for a in (left, goal, points, error, step))
            if not len(left):
                break
        return found

    def _seen(self, points: np.ndarray) -> np.ndarray:
        return _length(points) < self.limit

    @property
    def _farthest(self) -> float:
        """How far from the axis anything seen can move."""
        r = self.limit
        return r * self._scale(r * r) + 3 * r * r * np.hypot(*self.sideways)

    def _moved(self, points: np.ndarray) -> np.ndarray:
        square = (points * points).sum(1, keepdims=True)
        along = (points * self.sideways).sum(1, keepdims=True)
        return points * (self._scale(square) + 2 * along) + square * self.sideways

    def _scale(self, square: np.ndarray) -> np.ndarray:  # P(s)
        return np.polyval(self._terms[::-1], square)

    def _newton(self, points: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Returns (N, 2): the error times the inverse of the map's (symmetric) Jacobian."""
        (x, y), q = points.T, self.sideways
        square = x * x + y * y
        slope = 2 * np.polyval(np.polyder(np.poly1d(self._terms[::-1])), square)
        even = self._scale(square) + 2 * (q[0] * x + q[1] * y)
        xx = even + slope * x * x + 4 * q[0] * x
        yy = even + slope * y * y + 4 * q[1] * y
        xy = slope * x * y + 2 * (q[0] * y + q[1] * x)
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = xx * yy - xy * xy
            u, v = error.T
            return np.column_stack([yy * u - xy * v, xx * v - xy * u]) / whole[:, None]


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.hypot(vectors[:, 0], vectors[:, 1])


def _first_root(coefficients: np.ndarray) -> float:
    """Returns the first positive place where a polynomial, 1 at 0, is 0; inf if there is none."""
    inverse = np.roots(coefficients)  # highest first, so those of the polynomial in 1 / r
    real = inverse.real[np.abs(inverse.imag) <= 1e-9 * np.abs(inverse)]
    with np.errstate(divide="ignore"):
        return float(1 / real.max(initial=0.0))
