"""Surfaces of the user's: pictures that are tiled over things, with maps that go with them or not.

A set of maps is files of one name that end in what each is, as texture sites name them:
`oak_diffuse.jpg`, `oak_roughness.jpg`, `oak_normal.png`, with a resolution such as `_2k` or not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from simgen.credits import Asset
from simgen.errors import SimgenError
from simgen.folders import WORDS, Folder
from simgen.library.files import MESHES
from simgen.pictures import HDR_SUFFIXES, SUFFIXES, read_hdr, read_picture

ROLES = {
    "color": ("albedo", "alb", "basecolor", "base_color", "base-color", "color", "colour", "col",
              "diffuse", "diff"),
    "roughness": ("roughness", "rough", "rgh"),
    "normal": ("normal", "normalgl", "normal_gl", "normal-ogl", "nor", "nor_gl", "nrm"),
    # Maps that are not used; normals for DirectX point the other way.
    "other": ("normaldx", "normal_dx", "nor_dx", "ao", "ambientocclusion", "ambient_occlusion",
              "displacement", "disp", "height", "bump", "metallic", "metalness", "metal", "spec",
              "specular", "opacity", "alpha", "mask", "gloss", "glossiness", "arm", "orm",
              "emission"),
}  # fmt: skip
_WORDS = {word: role for role, words in ROLES.items() for word in words}
_ANY = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
_SIZE = r"([ _.-]\d+k)?([ _.-](png|jpe?g|exr))?"
_NAME = re.compile(f"(?P<name>.+?)[ _.-](?P<word>{_ANY})(?P<size>{_SIZE})", re.IGNORECASE)


@dataclass(frozen=True)
class Surface:
    """Paths of pictures to be tiled.

    Attributes:
        roughness, normal: maps that go with `color`, '' where there is none.
        width_m: of the picture in reality, where the folder's manifest says it.
    """

    name: str
    color: str
    roughness: str = ""
    normal: str = ""
    width_m: float | None = None


@dataclass(frozen=True)
class Surfaces:
    """All surfaces of a folder, by rising name."""

    surfaces: tuple[Surface, ...]
    assets: tuple[Asset, ...]

    @classmethod
    def open(cls, folder: str) -> "Surfaces":
        """Returns what is in a folder.

        Raises:
            SimgenError: there is no picture, one cannot be read, or a set has no colour.
        """
        found = Folder.open(folder, SUFFIXES + HDR_SUFFIXES, (*WORDS, *MESHES, ".mtlx"))
        try:
            made = [_surface(found, name, maps) for name, maps in _sets(found.names).items()]
        except SimgenError as error:
            raise SimgenError(f"{folder}: {error}") from error
        return cls(tuple(surface for surface, _ in made), tuple(asset for _, asset in made))


def _sets(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Returns the file of each role, by the name of the set; a picture alone is its colour."""
    sets: dict[str, dict[str, str]] = {}
    for name in names:
        key, role = _read(name.rpartition(".")[0])
        sets.setdefault(key, {}).setdefault(role, name)
    return dict(sorted(sets.items()))


def _read(stem: str) -> tuple[str, str]:
    """Returns the name of the set that a file belongs to, and what it is in it."""
    match = _NAME.fullmatch(stem)
    if not match:
        return stem, "color"
    return match["name"] + match["size"], _WORDS[match["word"].lower()]


def _surface(folder: Folder, name: str, maps: dict[str, str]) -> tuple[Surface, Asset]:
    if "color" not in maps:
        raise SimgenError(
            f"{next(iter(maps.values()))} belongs to a surface without a colour: add "
            f"{name}_diffuse.png, or rename it if it is one"
        )
    used = {role: maps[role] for role in ("color", "roughness", "normal") if role in maps}
    contents = []
    for file in used.values():
        try:
            contents.append(_content(folder, file))
        except SimgenError as error:
            raise SimgenError(f"{file}: {error}") from error
    size = folder.manifest.of(used["color"]).size_m
    settings = repr((tuple(used), size)).encode()
    asset = folder.credit(f"textures/{name}", used["color"], *contents, settings)
    paths = {role: str(folder.path(file)) for role, file in used.items()}
    return Surface(name, **paths, width_m=size[0] if size else None), asset


def _content(folder: Folder, file: str) -> bytes:
    path = folder.path(file)
    if path.suffix.lower() in HDR_SUFFIXES:
        return read_hdr(path)
    return read_picture(path).content
