"""Turns of an object that change nothing, as a BOP dataset's models_info.json says them.

All discrete ones are listed, those too that others give one after the other. Source:
get_symmetry_transformations of https://github.com/thodan/bop_toolkit.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from simgen.errors import SimgenError
from simgen.library.library import Library

Symmetry = tuple[tuple[str, int], ...]


def symmetries(symmetry: Symmetry, scale: np.ndarray, middle: np.ndarray) -> dict[str, list]:
    """Returns what models_info.json says of them; nothing where there are none.

    Args:
        symmetry: (axis, order) pairs of the object at its own scale, order 0 for any angle.
        scale: (3,), along the axes. What it stretches more along one axis than along another keeps
            half turns alone.
        middle: (3,), which all turns leave where it is, mm.

    Raises:
        SimgenError: there would be ever more turns.
    """
    discrete, continuous = [], []
    for name, order in symmetry:
        axis = "xyz".index(name[-1])
        even = np.isclose(*np.delete(np.abs(scale), axis), rtol=1e-6)
        if order == 0 and even:
            continuous.append({"axis": np.eye(3)[axis].tolist(), "offset": middle.tolist()})
        elif even or order % 2 == 0:
            discrete.append((axis, order if even else 2))
    turns = [_about(turn, middle) for turn in _group(discrete)]
    found = {"symmetries_discrete": turns, "symmetries_continuous": continuous}
    return {name: each for name, each in found.items() if each}


def _group(generators: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """Returns all turns that those about (axis, order) give, but for none at all.

    About the axes of coordinates they give a dihedral group, or the 24 turns of a cube, or ever
    more.
    """
    found, most = [np.eye(3)], max([24, *(2 * order for _, order in generators)])
    for turn in found:
        for axis, order in generators:
            further = _turn(axis, order) @ turn
            if all(np.abs(further - known).max() > 1e-6 for known in found):
                found.append(further)
        if len(found) > most:
            raise SimgenError(
                "symmetry in the objects' manifest.yaml: together its turns give ever more; "
                "keep those about one axis, and half turns about another"
            )
    return found[1:]


def _turn(axis: int, order: int) -> np.ndarray:
    angle, i, j = 2 * np.pi / order, (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[j, i], matrix[i, j] = np.sin(angle), -np.sin(angle)
    return matrix


def _about(turn: np.ndarray, middle: np.ndarray) -> list[float]:
    """Returns the 4x4 matrix, row by row, of a turn that leaves `middle` where it is."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, middle - turn @ middle
    return matrix.ravel().tolist()


def symmetry_of(objects: str | None) -> Mapping[str, Symmetry]:
    """Returns what the manifest of a folder of models says, by the assets' digests."""
    if objects is None:
        return {}
    return {asset.digest: asset.symmetry for asset in Library.open(objects).assets}
