"""manifest.yaml: what the user says of a library's files.

limits: {file_mb: 512}                    # see Limits
ignore: ["old/*", "*.step"]               # not looked at
defaults: {licence: CC0-1.0}              # of all files
files:
  bolts: {category: bolt, units: mm}      # of all files in a folder
  bolts/m8.stl: {mass_kg: 0.02}           # of one file: what is closest to it counts
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from simgen.errors import SimgenError, did_you_mean, one_of
from simgen.library.units import UNITS
from simgen.spec import Vec3

NAME = "manifest.yaml"
AXES = ("x", "y", "z", "-x", "-y", "-z")
ANY_ANGLE = 0
_MOST = 1 << 20  # bytes of a manifest


@dataclass(frozen=True)
class Limits:
    """What one asset may cost.

    Attributes:
        file_mb: of its file and each that it names.
        memory_gb: that Blender may take to import it. `seconds`: that it may need.
    """

    file_mb: float = 256.0
    triangles: float = 1_000_000
    memory_gb: float = 8.0
    seconds: float = 120.0


@dataclass(frozen=True)
class Entry:
    """What is said of a file; None: nothing.

    Attributes:
        scale: metres in one of the file's units; the user writes that, or units.
        up: the file's axis that points up.
        symmetry: (axis, order): turning it about that axis by 1 / order changes nothing; order 0
            stands for any angle. Axes as the asset stands, z up.
        keypoints: in the file's own coordinates and units.
        allow_missing: do without images and materials that are not there.
        size_m: width and height of a picture as a print. `corner_radius_m`, `thickness_m`: of it.
        back: a print's other side: '#rrggbb', or a picture in the folder.
    """

    category: str | None = None
    scale: float | None = None
    up: str | None = None
    licence: str | None = None
    source: str | None = None
    mass_kg: float | None = None
    symmetry: tuple[tuple[str, int], ...] = ()
    keypoints: tuple[tuple[str, Vec3], ...] = ()
    allow_missing: bool = False
    size_m: tuple[float, float] | None = None
    corner_radius_m: float | None = None
    thickness_m: float | None = None
    back: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A manifest, or the empty one.

    Attributes:
        files: entry by path relative to the library, of files and folders.
    """

    limits: Limits = Limits()
    ignore: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, name: str) -> Entry:
        """Returns what is said of a file: by its own entry, then its folders', then all."""
        said = dict(self.defaults)
        for place in [*PurePosixPath(name).parents[::-1], PurePosixPath(name)]:
            said |= self.files.get(str(place), {})
        return replace(Entry(), **said)

    def ignores(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.ignore)


def read_manifest(root: Path) -> Manifest:
    """Returns the manifest of a library, the empty one if it has none.

    Raises:
        SimgenError: names the key, what is wrong with it and what to do.
    """
    path = root / NAME
    if not path.exists() and not path.is_symlink():
        return Manifest()
    try:
        if not path.resolve().is_relative_to(root) or path.stat().st_size > _MOST:
            raise SimgenError(f"{NAME} must be a file of its own, of a megabyte at most")
        said = yaml.load(path.read_text("utf-8"), _Loader)
    except (yaml.YAMLError, OSError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise SimgenError(f"{NAME}: {reason}") from error
    return _manifest(_mapping(said or {}, "its content"), root)


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would keep the last."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise SimgenError(f"{NAME}: {key!r} is there twice below line {line}: keep one")
        return super().construct_mapping(node, deep)


def _manifest(said: Mapping[str, Any], root: Path) -> Manifest:
    _known(said, ("limits", "ignore", "defaults", "files"), "at its top")
    limits = _mapping(said.get("limits") or {}, "limits")
    _known(limits, Limits.__dataclass_fields__, "limits")
    for key, value in limits.items():
        _number(value, f"limits.{key}", above=0)
    ignore = said.get("ignore") or []
    if not isinstance(ignore, list) or not all(isinstance(each, str) for each in ignore):
        raise SimgenError(
            f"{NAME}: ignore={ignore!r} must be a list of patterns, such as ['*.step']"
        )
    files: dict[str, dict[str, Any]] = {}
    for name, entry in _mapping(said.get("files") or {}, "files").items():
        place = _place(name, root)
        if place in files:
            raise SimgenError(f"{NAME}: files has {place!r} twice, once as {name!r}: keep one")
        files[place] = _entry(_mapping(entry or {}, name), name)
    defaults = _entry(_mapping(said.get("defaults") or {}, "defaults"), "defaults")
    return Manifest(Limits(**limits), tuple(ignore), defaults, files)


def _place(name: Any, root: Path) -> str:
    """Returns the path below the root that a key of `files` means."""
    plain = PurePosixPath(str(name).replace("\\", "/"))
    if plain.is_absolute() or ".." in plain.parts:
        raise SimgenError(f"{NAME}: {name!r} must be a path inside the library's folder")
    if not (root / plain).exists():
        there = [path.relative_to(root).as_posix() for path in root.rglob("*")]
        raise SimgenError(
            f"{NAME}: there is no {name!r}; {did_you_mean(str(plain), there or ['.'])}"
        )
    return str(plain)


def _entry(said: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Returns the fields of an Entry that are given, checked."""
    _known(said, [*Entry.__dataclass_fields__, "units"], where)
    if "units" in said and "scale" in said:
        raise SimgenError(f"{NAME}: {where} has both units and scale: keep one")
    found: dict[str, Any] = {}
    for key, value in said.items():
        at = f"{where}: {key}"
        if key == "units":
            one_of(f"{NAME}: {at}", value, UNITS)
            found["scale"] = UNITS[value]
        elif key in ("scale", "mass_kg", "thickness_m"):
            found[key] = _number(value, at, above=0)
        elif key == "up":
            one_of(f"{NAME}: {at}", value, AXES)
            found[key] = value
        elif key in _READERS:
            found[key] = _READERS[key](value, at)
        else:
            found[key] = _text(value, at)
    return found


def _symmetry(value: Any, at: str) -> tuple[tuple[str, int], ...]:
    pairs = []
    for axis, order in _mapping(value, at).items():
        one_of(f"{NAME}: {at}", axis, "xyz")
        if order != "any" and not (type(order) is int and order >= 2):
            raise SimgenError(
                f"{NAME}: {at}.{axis}={order!r} must be 2, 3, ... turns that change nothing in a "
                f"whole one, or any"
            )
        pairs.append((axis, ANY_ANGLE if order == "any" else order))
    return tuple(pairs)


def _keypoints(value: Any, at: str) -> tuple[tuple[str, Vec3], ...]:
    pairs = []
    for name, point in _mapping(value, at).items():
        if not isinstance(point, list) or len(point) != 3:
            raise SimgenError(f"{NAME}: {at}.{name}={point!r} must be [x, y, z]")
        pairs.append((str(name), tuple(_number(c, f"{at}.{name}") for c in point)))
    return tuple(pairs)


def _allowed(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise SimgenError(f"{NAME}: {at}={value!r} must be true or false")
    return value


def _size(value: Any, at: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise SimgenError(f"{NAME}: {at}={value!r} must be [width, height] in metres")
    return (_number(value[0], at, above=0), _number(value[1], at, above=0))


def _radius(value: Any, at: str) -> float:
    return 0.0 if value == 0 else _number(value, at, above=0)


_READERS = {
    "symmetry": _symmetry, "keypoints": _keypoints, "allow_missing": _allowed, "size_m": _size,
    "corner_radius_m": _radius,
}  # fmt: skip


def _text(value: Any, at: str) -> str:
    if isinstance(value, list):
        raise SimgenError(f"{NAME}: {at}={value!r}: it can have only one {at.split()[-1]}")
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
        raise SimgenError(f"{NAME}: {at}={value!r} must be text")
    return str(value).strip()


def _number(value: Any, at: str, above: float | None = None) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number or (above is not None and value <= above):
        wanted = "a number" if above is None else f"a number above {above:g}"
        raise SimgenError(f"{NAME}: {at}={value!r} must be {wanted}")
    return float(value)


def _mapping(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SimgenError(f"{NAME}: {at}={value!r} must be settings, such as {{category: bolt}}")
    return value


def _known(said: Mapping[str, Any], keys: Any, where: str) -> None:
    for key in said:
        if key not in keys:
            raise SimgenError(
                f"{NAME}: {where}: {key!r} is not known; {did_you_mean(str(key), keys)}"
            )
