"""Which files of a folder are assets, and what they are called."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from simgen.errors import SimgenError
from simgen.library.manifest import NAME, Manifest
from simgen.library.references import require_inside

MESHES = (".glb", ".gltf", ".obj", ".ply", ".stl", ".fbx", ".usd", ".usda", ".usdc", ".usdz",
          ".blend")  # fmt: skip
# What lies beside meshes: their images, buffers and materials, and words about them.
BESIDE = (".png", ".jpg", ".jpeg", ".tga", ".bmp", ".tif", ".tiff", ".webp", ".exr", ".hdr", ".dds",
          ".ktx2", ".mtl", ".bin", ".txt", ".md", ".pdf", ".html", ".yaml", ".yml", ".json", ".csv",
          ".xml", ".urdf", ".sdf", "")  # fmt: skip
_NUMBER = re.compile(r"[ _.-]+\d+$")


def files(root: Path, manifest: Manifest) -> Iterator[tuple[str, SimgenError | None]]:
    """Yields the mesh files of a library by rising name, relative to its folder, and those that
    stand for nothing that can be read, with what is wrong."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in (*names, *_links(folder, folders))]
    for path in sorted(found, key=lambda path: path.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix()
        if not path.name.startswith(".") and not manifest.ignores(name):
            yield from _judged(path, name, root)


def _links(folder: str, folders: list[str]) -> list[str]:
    """Returns the folders that are links, into which nobody looks."""
    return [name for name in folders if os.path.islink(os.path.join(folder, name))]


def _judged(path: Path, name: str, root: Path) -> Iterator[tuple[str, SimgenError | None]]:
    suffix = path.suffix.lower()
    try:
        if path.is_symlink():
            require_inside(path, root, "it is a link")
        if path.is_dir():
            raise SimgenError("it is a link to a folder, which is not followed; copy the folder")
        if suffix not in (*MESHES, *BESIDE):
            raise SimgenError(
                f"{suffix} files cannot be read; convert it to .glb, or list it under ignore in "
                f"{NAME}: ignore: ['*{suffix}']"
            )
    except SimgenError as error:
        yield name, error
        return
    if suffix in MESHES:
        yield name, None


def category_of(name: str) -> str:
    """Returns the category that a file's place says: its uppermost folder, or its own name without
    the number behind it."""
    path = PurePosixPath(name)
    if len(path.parts) > 1:
        return path.parts[0]
    return _NUMBER.sub("", path.stem) or path.stem
