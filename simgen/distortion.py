"""How a lens bends the picture plane, there and back.

The plane is that of complex numbers. A point z moves to P(|z|^2) z + 2 q |z|^2 + q* z^2, where
P(s) = 1 + k1 s + k2 s^2 + ...; with q = p2 + i p1 that is Brown's model (1966) as OpenCV writes it.
The map is a gradient, and where its Jacobian is positive definite all over a disc around the axis,
no two points of the disc move to one place: as far as that a bend can be undone.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

PRECISE = 1e-13  # of the plane's unit: below a billionth of a pixel on any sensor
STEPS = 200
GUESSES, GUESSED = 4096, 8.0  # how many, and how far off the axis
NOWHERE = complex(np.nan, np.nan)
BATCH = 1 << 13  # points that stay in a processor's cache


@dataclass(frozen=True)
class Distortion:
    """A bend of the plane.

    Attributes:
        radial: k1, k2, ...
        sideways: q.
        reach: points as far from the axis as this, or farther, are not seen at all.
    """

    radial: tuple[float, ...] = ()
    sideways: complex = 0j
    reach: float = 1e6

    @cached_property
    def limit(self) -> float:
        """Radius of the disc around the axis whose points are seen, each in its own place.

        Radially the Jacobian stretches by P + 2 s P', across by P, and q takes off 6 |q z| at most.
        """
        terms = np.array([1.0, *self.radial])
        along, across = np.zeros((2, 2 * len(terms)))  # coefficients of r^0, r^1, ...
        along[::2], across[::2] = terms * np.arange(1, 2 * len(terms), 2), terms
        along[1] = across[1] = -6 * abs(self.sideways)
        return min(self.reach, _first_root(along), _first_root(across))

    def bend(self, points: np.ndarray) -> np.ndarray:
        """Returns where (N,) complex points move to; nan for those that are not seen."""
        return self._moved(np.where(np.abs(points) < self.limit, points, NOWHERE))

    def unbend(self, goals: np.ndarray) -> np.ndarray:
        """Returns the (N,) complex points that move to these; nan where none does that is seen."""
        if not any(self.radial) and not self.sideways:
            return np.where(np.abs(goals) < self.limit, goals, NOWHERE)
        found = np.full(len(goals), NOWHERE)
        reached = np.flatnonzero(np.abs(goals) <= self.farthest)
        for start in range(0, len(reached), BATCH):
            part = reached[start : start + BATCH]
            found[part] = self._solved(goals[part])
        return found

    def _solved(self, goal: np.ndarray) -> np.ndarray:
        """Newton's method: as the map is the gradient of a convex function, a short enough step in
        Newton's direction always comes closer."""
        found, left = np.full(len(goal), NOWHERE), np.arange(len(goal))
        points = self._guess(goal)
        error = goal - self._moved(points)
        step = self._newton(points, error)
        for _ in range(STEPS):
            precise = np.abs(error) <= PRECISE * (1 + np.abs(goal))
            found[left[precise]] = (points + step)[precise]
            going = ~precise & (np.abs(step) > 1e-17)
            if not going.all():
                left, goal, points, error, step = (
                    each[going] for each in (left, goal, points, error, step)
                )
            if not len(left):
                break
            tried = points + step
            rest = goal - self._moved(tried)
            closer = (np.abs(rest) < np.abs(error)) & (np.abs(tried) < self.limit)
            points, error = np.where(closer, (tried, rest), (points, error))
            step = np.where(closer, self._newton(points, error), step / 2)
        return found

    def _guess(self, goal: np.ndarray) -> np.ndarray:
        """Returns points near those that move there, as far as q can be left out."""
        away = np.abs(goal)
        return goal * (np.interp(away, *self._table) / np.maximum(away, 1e-300))

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Distances from the axis after and before the bend, q left out, rising."""
        before = np.linspace(0, min(0.999 * self.limit, GUESSED), GUESSES)
        return before * self._scale(before**2), before

    @property
    def farthest(self) -> float:
        """No point that is seen moves farther from the axis than this."""
        r = self.limit
        return float(r * self._scale(r * r) + 3 * abs(self.sideways) * r * r)

    def _moved(self, z: np.ndarray) -> np.ndarray:
        square = z.real**2 + z.imag**2
        moved = z * self._scale(square)
        if self.sideways:
            q = self.sideways
            moved = moved + 2 * q * square + q.conjugate() * z * z
        return moved

    def _scale(self, square: np.ndarray) -> np.ndarray:  # P
        return np.polyval([*self.radial[::-1], 1.0], square)

    def _newton(self, z: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Returns the step d that solves a d + b d* = error, a and b the map's derivatives by z and
        z*, of which a is real."""
        square, q = z.real**2 + z.imag**2, self.sideways
        slope = np.polyval(np.polyder([*self.radial[::-1], 1.0]), square)  # P'
        a = self._scale(square) + square * slope + 4 * (q.conjugate() * z).real
        b = slope * z * z + 2 * q * z
        with np.errstate(divide="ignore", invalid="ignore"):
            return (a * error - b * error.conjugate()) / (a * a - b.real**2 - b.imag**2)


def _first_root(coefficients: np.ndarray) -> float:
    """Returns the first positive place where a polynomial, 1 at 0, is 0; inf if there is none."""
    inverse = np.roots(coefficients)  # highest first, so those of the polynomial in 1 / r
    real = inverse.real[np.abs(inverse.imag) <= 1e-9 * np.abs(inverse)]
    with np.errstate(divide="ignore"):
        return float(1 / real.max(initial=0.0))
