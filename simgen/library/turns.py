"""From a file's own axes to ours: z up."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

_TURNS = {
    "x": ((0, 0, -1), (0, 1, 0), (1, 0, 0)),
    "-x": ((0, 0, 1), (0, 1, 0), (-1, 0, 0)),
    "y": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "-y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "-z": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
}
_Y_UP = (".obj", ".glb", ".gltf")  # by habit, and by glTF's definition
_TURNED = (".glb", ".gltf")  # by Blender's importer, already


def up_of(path: Path, up: str | None) -> str:
    """Returns which axis of the file points up.

    FBX, USD and Blender files say it themselves, and Blender turns them: their axes are meant as
    Blender shows them.
    """
    return up or ("y" if path.suffix.lower() in _Y_UP else "z")


def turned(point: Sequence[float], path: Path, up: str | None) -> np.ndarray:
    """Returns (3,): a point in the file's own axes with z up."""
    return np.array(_TURNS[up_of(path, up)], float) @ np.asarray(point, float)


def after_import(path: Path, up: str | None) -> list[list[int]]:
    """Returns (3, 3): what is still to be done after Blender's importer (see there)."""
    turn = np.array(_TURNS[up_of(path, up)])
    done = np.array(_TURNS["y" if path.suffix.lower() in _TURNED else "z"])
    return (turn @ done.T).tolist()


def foot(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Returns the point of a bounding box that comes to the origin: the middle of its floor."""
    return np.array([*(lower + upper)[:2] / 2, lower[2]])
